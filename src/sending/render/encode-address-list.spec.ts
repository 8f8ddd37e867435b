import { describe, expect, it } from '@jest/globals';

import { parseEmailAddress } from '../../domain/email-address.js';
import type { Mailbox } from '../../domain/message-draft.js';
import { encodeAddressList } from './encode-address-list.js';

function mailbox(address: string, name?: string): Mailbox {
  const parsed = parseEmailAddress(address);
  if (parsed === undefined) throw new Error(`not an address: ${address}`);
  return { address: parsed, name };
}

describe('encodeAddressList', () => {
  it.each([
    ['an address alone', undefined, 'To: ada@example.com\r\n'],
    ['an empty name as none', ' ', 'To: ada@example.com\r\n'],
    ['plain words without quotes', 'Ada Lovelace', 'To: Ada Lovelace <ada@example.com>\r\n'],
    ['specials in quotes', 'Lovelace, Ada (Dr.)', 'To: "Lovelace, Ada (Dr.)" <ada@example.com>\r\n'],
    ['quotes and backslashes escaped', 'A "b" \\', 'To: "A \\"b\\" \\\\" <ada@example.com>\r\n'],
    ['an address as a name in quotes', 'e@evil.test', 'To: "e@evil.test" <ada@example.com>\r\n'],
    ['UTF-8 encoded', 'Zoë', 'To: =?utf-8?Q?Zo=C3=AB?= <ada@example.com>\r\n'],
    ['what looks encoded as encoded', '=?utf-8?Q?x?=', 'To: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?= <ada@example.com>\r\n'],
    ['line ends as a blank', 'a\r\nBcc: e@evil.test', 'To: "a Bcc: e@evil.test" <ada@example.com>\r\n'],
  ])('writes %s', (_, name, header) => {
    expect(encodeAddressList('To', [mailbox('ada@example.com', name)])).toBe(header);
  });

  it('keeps lines to 76 characters by folding between mailboxes and between name and address', () => {
    const list = Array.from({ length: 20 }, (_, i) =>
      mailbox(`recipient${i}@example.com`, i % 2 === 0 ? `Zoë ${'x'.repeat(i * 4)}` : undefined),
    );
    const header = encodeAddressList('Cc', list);
    for (const line of header.trimEnd().split('\r\n')) expect(line.length).toBeLessThanOrEqual(76);
    expect(header.match(/recipient\d+@example\.com/g)).toHaveLength(20);
    expect(header.match(/,(?=\r\n | )/g)).toHaveLength(19);
  });

  it('writes a local part in UTF-8 as it is and a domain as A-labels', () => {
    expect(encodeAddressList('From', [mailbox('zoë@bücher.example')])).toBe('From: zoë@xn--bcher-kva.example\r\n');
  });

  it.each([
    'a@b.test, e@evil.test',
    'a@b.test>\r\nBcc: <e@evil.test',
    '<a@b.test',
    'a b@c.test',
    'a@b@c.test',
    'zoë@c.test',
    '',
  ])('refuses what the domain would not have let through: %j', (value) => {
    const address = { local: '', domain: '', value, utf8Local: false };
    expect(() => encodeAddressList('To', [{ address, name: undefined }])).toThrow(TypeError);
  });
});
