import { describe, expect, it } from '@jest/globals';
import { formData } from './form-data.js';

describe('formData', () => {
  it('writes texts and files, and ends with the last hyphen of the boundary', () => {
    const file = { name: 'message.eml', type: 'message/rfc822' };
    const form = formData(
      [
        { name: 'to', value: 'jürgen@to.test' },
        { name: 'message', value: Buffer.from([0, 255, 13, 10]), file },
      ],
      'b',
    );
    const expected = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="to"\r\n\r\njürgen@to.test\r\n'),
      Buffer.from('--b\r\nContent-Disposition: form-data; name="message"; filename="message.eml"\r\n'),
      Buffer.from('Content-Type: message/rfc822\r\n\r\n'),
      Buffer.from([0, 255, 13, 10]),
      Buffer.from('\r\n--b--'),
    ]);
    expect(form.equals(expected)).toBe(true);
  });
});
