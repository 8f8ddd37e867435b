import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseEmailAddress } from './email-address.js';

const label = (length: number) => 'a'.repeat(length);

describe('an e-mail address is taken', () => {
  it.each([
    ['plain', 'ada@example.com', 'ada@example.com'],
    [
      'with every character a dot-atom may have',
      "a!#$%&'*+/=?^_`{|}~-.b@example.com",
      "a!#$%&'*+/=?^_`{|}~-.b@example.com",
    ],
    ['with the case of its local part kept and its domain in lower case', 'Ada.L@EXAMPLE.Com', 'Ada.L@example.com'],
    ['with a tag', 'ada+tag@example.com', 'ada+tag@example.com'],
    ['with a percent sign, which is for the receiving host alone', 'ada%b@example.com', 'ada%b@example.com'],
    ['with a one-letter label', 'a@b.c', 'a@b.c'],
    ['with hyphens inside a label', 'a@r3---sn.example', 'a@r3---sn.example'],
    ['with a domain that begins with a digit', 'a@163.com', 'a@163.com'],
    ['with an IDN domain, as A-labels', 'ada@Bücher.example', 'ada@xn--bcher-kva.example'],
    ['with a decomposed IDN domain', 'ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
    ['with a domain in A-labels already', 'ada@XN--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['with a top-level domain in another script', 'ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
    ['with a UTF-8 local part, unchanged', '用户.Ж@example.com', '用户.Ж@example.com'],
    ['with a decomposed local part, unchanged', 'e\u0301@example.com', 'e\u0301@example.com'],
  ])('%s', (_, text, value) => {
    const address = parseEmailAddress(text);
    expect(address?.value).toBe(value);
    expect(`${address?.local}@${address?.domain}`).toBe(value);
  });

  it('up to the lengths of RFC 5321 in octets', () => {
    const domain = `${label(63)}.${label(63)}.${label(57)}.ab`;
    expect(parseEmailAddress(`${label(64)}@${domain}`)?.value).toHaveLength(253);
    expect(parseEmailAddress(`${label(65)}@example.com`)).toBeUndefined();
    expect(parseEmailAddress(`${'ж'.repeat(32)}@example.com`)).toBeDefined();
    expect(parseEmailAddress(`${'ж'.repeat(33)}@example.com`)).toBeUndefined();
    expect(parseEmailAddress(`a@${label(63)}.ab`)).toBeDefined();
    expect(parseEmailAddress(`a@${label(64)}.ab`)).toBeUndefined();
    expect(parseEmailAddress(`ab@${label(63)}.${label(63)}.${label(63)}.${label(59)}`)).toBeDefined();
    expect(parseEmailAddress(`abc@${label(63)}.${label(63)}.${label(63)}.${label(59)}`)).toBeUndefined();
    // Short as written, too long as A-labels.
    expect(parseEmailAddress(`a@${Array.from({ length: 16 }, () => 'ü'.repeat(10)).join('.')}`)).toBeUndefined();
    expect(parseEmailAddress(`${'ж'.repeat(32)}@${label(63)}.${label(63)}.${label(62)}.ab`)).toBeUndefined();
  });

  it('with word of whether it needs SMTPUTF8, which an IDN domain does not', () => {
    expect(parseEmailAddress('ж@example.com')?.utf8Local).toBe(true);
    expect(parseEmailAddress('ada@bücher.example')?.utf8Local).toBe(false);
  });
});

describe('an e-mail address is refused', () => {
  it.each([
    // Forms in which mail libraries find two recipients, or another one than was checked.
    ['a local part that mail programs decode', '=?utf-8?q?ceo=40bank.test?=@evil.test'],
    ['a list', 'a@good.test, b@evil.test'],
    ['a list without blanks', 'a@good.test,b@evil.test'],
    ['a list with semicolons', 'a@good.test;b@evil.test'],
    ['a group', 'g: a@good.test, b@evil.test;'],
    ['an address inside an address', 'user@good.test, evil@evil.test'],
    ['two at signs', 'user@good.test@evil.test'],
    ['a comment inside the domain', 'user@good.test (c) .evil.test'],
    ['a comment after the domain', 'user@good.test(c)'],
    ['a comment before the local part', '(c)user@good.test'],
    ['a blank in the local part', 'a b@good.test'],
    ['two bracketed addresses', '"a" <evil@evil.test> <good@good.test>'],
    ['a display name', 'Ada <ada@example.com>'],
    ['angle brackets', '<ada@example.com>'],
    ['a NUL', 'ada\0@example.com'],
    ['a NUL in the domain', 'ada@exam\0ple.com'],
    // SMTP syntax.
    ['a quoted local part', '"ada"@example.com'],
    ['a quoted local part with an address in it', '"a@good.test, "@evil.test'],
    ['an escaped character', 'a\\@b@example.com'],
    ['a source route', '@relay.test:ada@example.com'],
    ['a parameter', 'ada@example.com SIZE=1'],
    ['a newline at the end', 'ada@example.com\n'],
    ['a command after CRLF', 'ada@example.com\r\nRCPT TO:<evil@evil.test>'],
    ['a folded address', 'ada@\r\n example.com'],
    ['a tab', 'ada\t@example.com'],
    ['an IPv4 literal', 'ada@[127.0.0.1]'],
    ['an IPv6 literal', 'ada@[IPv6:::1]'],
    ['an IPv4 address', 'ada@127.0.0.1'],
    ['an IPv4 address in other digits', 'ada@１２７.０.０.１'],
    ['a hexadecimal IPv4 address', 'ada@127.0.0.0x7f'],
    ['a scheme', 'mailto:ada@example.com'],
    // Parts that are missing or malformed.
    ['nothing', ''],
    ['no at sign', 'ada.example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['a domain of one label', 'ada@localhost'],
    ['a trailing dot in the domain', 'ada@example.com.'],
    ['an empty label', 'ada@example..com'],
    ['a leading dot in the domain', 'ada@.example.com'],
    ['a leading dot', '.ada@example.com'],
    ['a trailing dot', 'ada.@example.com'],
    ['two dots', 'a..da@example.com'],
    ['a label that begins with a hyphen', 'ada@-example.com'],
    ['a label that ends with a hyphen', 'ada@example-.com'],
    ['an underscore in the domain', 'ada@ex_ample.com'],
    ['a percent escape in the domain', 'ada@ex%61mple.com'],
    ['a path after an IDN domain', 'ada@bücher/x.example'],
    ['a port after an IDN domain', 'ada@bücher:25.example'],
    ['a fragment after an IDN domain', 'ada@example.bücher#x'],
    ['a query after an IDN domain', 'ada@example.bücher?x'],
    ['a backslash in an IDN domain', 'ada@example.bücher\\x'],
    ['an underscore in an IDN domain', 'ada@b_ücher.example'],
    ['a full-width slash in an IDN domain', 'ada@bücher／x.example'],
    ['a full-width colon in an IDN domain', 'ada@bücher：25.example'],
    ['blanks around it', ' ada@example.com '],
    ['more than any address has room for', `${'a'.repeat(1_000_000)}@example.com`],
    // Unicode.
    ['U+2028', 'ada\u2028@example.com'],
    ['U+2029', 'ada\u2029@example.com'],
    ['NEL, a C1 control', 'ada\u0085@example.com'],
    ['a bidirectional override', 'ada\u202e@example.com'],
    ['a bidirectional isolate', 'a\u2066da@example.com'],
    ['a zero width joiner', 'a\u200dda@example.com'],
    ['a zero width space', 'a\u200bda@example.com'],
    ['a byte order mark', '\ufeffada@example.com'],
    ['a no-break space', 'a\u00a0da@example.com'],
    ['an ideographic space', 'a\u3000da@example.com'],
    ['a soft hyphen in the domain', 'ada@exam\u00adple.com'],
    ['a Hangul filler, which is drawn as nothing', 'a\u3164da@example.com'],
    ['a variation selector', 'a\ufe0fda@example.com'],
    ['a non-character', 'a\uffffda@example.com'],
    ['a private use character', 'a\ue000da@example.com'],
    ['a lone surrogate', 'a\ud800da@example.com'],
    ['a lone low surrogate', 'a\udc00@example.com'],
    ['a full-width at sign', 'ada＠example.com'],
    ['a full-width at sign beside a plain one', 'ada＠evil.test@example.com'],
    ['full-width dots that normalise to an empty atom', 'a．．b@example.com'],
    ['a full-width comma', 'a，b@example.com'],
    ['a full-width domain, which maps to plain letters', 'ada@ｅxample.com'],
    ['a Kelvin sign in the domain', 'ada@\u212a.example'],
    ['an ideographic full stop', 'ada@例え。com'],
    ['a character that maps to a slash', 'ada@\u2100.example'],
    ['a domain of combining marks only', 'ada@\u0301.example'],
  ])('that is or has %s', (_, text) => {
    expect(parseEmailAddress(text)).toBeUndefined();
  });
});

describe('whatever text comes in', () => {
  const unit = fc.string({ unit: 'binary', maxLength: 8 });
  const atom = fc.constantFrom('a', 'Ada', 'ж', '用户', "o'b", 'x+y', '%', 'ﬁ', '．', '＠', '\u202e', 'İ', 'ß');
  const host = fc.constantFrom(
    'example',
    'bücher',
    'xn--bcher-kva',
    'com',
    'test',
    '例え',
    '127',
    '0x7f',
    'İ',
    'ß',
    'ſ',
  );
  const glue = fc.constantFrom(
    '',
    '.',
    '@',
    ',',
    ' ',
    '<',
    '>',
    '"',
    '\\',
    ':',
    ';',
    '(',
    ')',
    '\r\n',
    '\0',
    '\u2028',
    '[',
  );
  const piece = fc.oneof(atom, host, glue, unit);
  const soup = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
  const nearly = fc.tuple(fc.array(piece, { maxLength: 3 }), fc.array(host, { minLength: 1, maxLength: 3 }), piece);
  const text = fc.oneof(
    soup,
    fc.emailAddress(),
    nearly.map(([local, labels, end]) => `${local.join('')}@${labels.join('.')}${end}`),
  );

  it('a parsed address parses to itself', () => {
    fc.assert(
      fc.property(text, (input) => {
        const address = parseEmailAddress(input);
        fc.pre(address !== undefined);
        expect(parseEmailAddress(address.value)).toEqual(address);
      }),
      { numRuns: 3000 },
    );
  });

  it('a parsed address has no syntax of SMTP or of headers in it, is within the limits and has one @', () => {
    fc.assert(
      fc.property(text, (input) => {
        const address = parseEmailAddress(input);
        fc.pre(address !== undefined);
        expect(address.value).not.toMatch(/[\s\p{Cc}\p{Cf}\p{Cs}\p{Z}<>,;:"()[\]\\]/u);
        expect(address.value.split('@')).toEqual([address.local, address.domain]);
        expect(address.domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
        expect(Buffer.byteLength(address.local)).toBeLessThanOrEqual(64);
        expect(Buffer.byteLength(address.value)).toBeLessThanOrEqual(254);
        expect(address.utf8Local).toBe(Buffer.byteLength(address.local) !== address.local.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('a domain says all that was written, in another spelling at most', () => {
    fc.assert(
      fc.property(text, (input) => {
        const address = parseEmailAddress(input);
        fc.pre(address !== undefined);
        const written = input.slice(input.indexOf('@') + 1).split('.');
        const labels = address.domain.split('.');
        expect(labels).toHaveLength(written.length);
        for (const [i, label] of labels.entries()) {
          const plain = written[i]?.toLowerCase() === label;
          expect(
            plain || (label.startsWith('xn--') && Buffer.byteLength(written[i] ?? '') !== written[i]?.length),
          ).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('one character of syntax anywhere in an address makes it none', () => {
    const syntax = fc.constantFrom(...Array.from('\r\n\0\t <>,;:"()[]\\\u2028\u2029\u0085\u202e\u200b\ufeff\ud800'));
    fc.assert(
      fc.property(syntax, fc.nat({ max: 17 }), (character, i) => {
        const address = 'ada.l@example.com';
        expect(parseEmailAddress(address.slice(0, i) + character + address.slice(i))).toBeUndefined();
      }),
    );
  });
});
