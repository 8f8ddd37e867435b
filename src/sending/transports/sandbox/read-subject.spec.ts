import { describe, expect, it } from '@jest/globals';
import { readSubject } from './read-subject.js';

const subject = (value: string): string =>
  readSubject(Buffer.from(`From: a@b.test\r\nSubject:${value}\r\nTo: c@d.test\r\n\r\nbody`));

describe('readSubject', () => {
  it.each([
    [' plain', 'plain'],
    [' folded\r\n over lines', 'folded over lines'],
    [' Grüße', 'Grüße'],
    [' =?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle?=', 'Grüße an alle'],
    [' =?UTF-8?B?R3LDvMOfZQ==?=\r\n =?UTF-8?Q?_zwei?= drei', 'Grüße zwei drei'],
    [' =?iso-8859-1?q?caf=E9?=', 'café'],
    [' =?no-such-charset?q?x?= y', '=?no-such-charset?q?x?= y'],
    ['', ''],
  ])('reads %j', (value, expected) => {
    expect(subject(value)).toBe(expected);
  });

  it('does not look into the body', () => {
    expect(readSubject(Buffer.from('From: a@b.test\r\n\r\nSubject: not this\r\n'))).toBe('');
  });
});
