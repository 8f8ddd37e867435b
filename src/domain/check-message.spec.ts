import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkMessage } from './check-message.js';
import type { MessageInput, MessageLimits } from './check-message.js';
import { LANES } from './lane.js';
import type { MessageDraft } from './message-draft.js';
import { ERRORS } from './user-error.js';
import type { UserError } from './user-error.js';

const NOW = new Date('2026-01-31T12:00:00Z');
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const at = (ms: number) => new Date(NOW.getTime() + ms);

const LIMITS: MessageLimits = {
  maxRecipients: 5,
  maxSubjectChars: 20,
  maxBodyBytes: 100,
  maxAttachments: 3,
  maxAttachmentBytes: 6,
  maxMessageBytes: 150,
  maxScheduleDays: 30,
};

const MINIMAL: MessageInput = {
  from: { address: 'ada@example.com' },
  to: [{ address: 'bob@example.net' }],
  subject: 'Hello',
  content: { text: 'Hi' },
};

const check = (changes: Partial<MessageInput>) => checkMessage({ ...MINIMAL, ...changes }, LIMITS, NOW);

function errorsOf(changes: Partial<MessageInput>): UserError[] {
  const result = check(changes);
  return 'errors' in result ? result.errors : [];
}

function draftOf(changes: Partial<MessageInput> = {}): MessageDraft {
  const result = check(changes);
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.draft;
}

const told = (changes: Partial<MessageInput>) => errorsOf(changes).map(({ code, path }) => `${code} ${path.join('.')}`);
const mailboxes = (count: number) => Array.from({ length: count }, (_, i) => ({ address: `r${i}@example.net` }));
const file = { filename: 'a.txt', base64: 'AAAA' };
const header = { name: 'X-A', value: 'b' };

describe('a message is taken', () => {
  it('with defaults for everything that is left out', () => {
    expect(draftOf()).toMatchObject({
      from: { address: { value: 'ada@example.com' }, name: undefined },
      cc: [],
      bcc: [],
      replyTo: [],
      headers: [],
      attachments: [],
      tags: [],
      text: 'Hi',
      html: undefined,
      metadata: undefined,
      idempotencyKey: undefined,
      lane: 'TRANSACTIONAL',
      inDoubt: 'RESEND',
      hold: false,
      sendAt: undefined,
      expiresAt: undefined,
    });
  });

  it('with null for everything that may be left out', () => {
    const nothing = {
      idempotencyKey: null,
      cc: null,
      bcc: null,
      replyTo: null,
      headers: null,
      attachments: null,
      tags: null,
      metadata: null,
      lane: null,
      sendAt: null,
      expiresAt: null,
      inDoubt: null,
      hold: null,
    };
    expect(draftOf({ ...nothing, content: { text: 'Hi', html: null } })).toEqual(draftOf());
  });

  it('with every field filled', () => {
    const draft = draftOf({
      idempotencyKey: 'order 42',
      from: { address: 'ada@example.com', name: '  Ada Lovelace ' },
      to: [{ address: 'Bob@BÜCHER.example', name: 'Боб' }],
      cc: [{ address: 'c@example.net', name: '' }],
      bcc: [{ address: 'd@example.net' }],
      replyTo: [{ address: 'ada@example.com' }, { address: 'bob@example.net' }],
      content: { text: 'a\r\nb\n', html: '<p>a\tb</p>' },
      headers: [header],
      attachments: [{ filename: 'Grün.PDF', contentId: 'logo@x', base64: 'AQID' }],
      tags: ['a', 'b:c', 'a'],
      metadata: [{ key: '__proto__', value: 'x\ny' }],
      lane: 'BULK',
      inDoubt: 'HOLD',
      hold: true,
      sendAt: at(DAY),
      expiresAt: at(2 * DAY),
    });
    expect(draft).toMatchObject({
      idempotencyKey: 'order 42',
      from: { name: 'Ada Lovelace' },
      to: [{ name: 'Боб', address: { value: 'Bob@xn--bcher-kva.example' } }],
      cc: [{ name: undefined }],
      text: 'a\r\nb\n',
      html: '<p>a\tb</p>',
      headers: [['X-A', 'b']],
      tags: ['a', 'b:c'],
      attachments: [{ filename: 'Grün.PDF', contentType: 'application/pdf', contentId: 'logo@x' }],
      lane: 'BULK',
      inDoubt: 'HOLD',
      hold: true,
      sendAt: at(DAY),
      expiresAt: at(2 * DAY),
    });
    expect(draft.attachments[0]?.content).toEqual(Buffer.from([1, 2, 3]));
    expect(Object.entries(draft.metadata ?? {})).toEqual([['__proto__', 'x\ny']]);
  });

  it('with HTML alone, and an empty body is no body', () => {
    expect(draftOf({ content: { text: '', html: '<p>' } })).toMatchObject({ text: undefined, html: '<p>' });
  });

  it('at the very limits', () => {
    draftOf({ to: mailboxes(2), cc: mailboxes(4).slice(2), bcc: mailboxes(5).slice(4), subject: '💌'.repeat(20) });
    draftOf({ content: { text: 'é'.repeat(50) }, attachments: [{ ...file, base64: 'AAAAAAAA' }] });
    draftOf({ tags: ['a'.repeat(64)], metadata: [{ key: 'k'.repeat(64), value: 'v'.repeat(500) }] });
    draftOf({ idempotencyKey: 'k'.repeat(256), from: { address: 'a@b.c', name: 'n'.repeat(255) } });
    draftOf({ idempotencyKey: 'k', attachments: [{ ...file, filename: 'n'.repeat(255) }] });
    draftOf({ content: { text: 'a'.repeat(100), html: 'b'.repeat(48) }, attachments: [{ ...file, base64: 'AAA=' }] });
  });

  it.each([
    ['a.JPG', 'image/jpeg'],
    ['archive.tar.gz', 'application/gzip'],
    ['README', 'application/octet-stream'],
    ['pdf', 'application/pdf'],
    ['a.unknown', 'application/octet-stream'],
  ])('with the type of %s guessed as %s', (filename, contentType) => {
    expect(draftOf({ attachments: [{ filename, base64: '' }] }).attachments[0]).toMatchObject({ contentType });
  });

  it('with the type that was given, in lower case', () => {
    const draft = draftOf({ attachments: [{ ...file, contentType: 'Image/SVG+XML' }] });
    expect(draft.attachments[0]?.contentType).toBe('image/svg+xml');
  });
});

describe('times', () => {
  it('a sendAt up to five minutes back is kept as given', () => {
    expect(draftOf({ sendAt: at(-5 * MINUTE) }).sendAt).toEqual(at(-5 * MINUTE));
  });

  it.each([
    ['now', {}, 0],
    ['sendAt', { sendAt: at(DAY) }, DAY],
    ['now, when sendAt is a little back', { sendAt: at(-MINUTE) }, 0],
  ])('a code expires ten minutes after %s', (_, changes, start) => {
    const draft = draftOf({ lane: 'OTP', ...changes });
    expect(draft).toMatchObject({ expiresAt: at(start + 10 * MINUTE), expiresByDefault: true });
  });

  it('a code keeps the expiry it was given, and other lanes have none of their own', () => {
    const given = draftOf({ lane: 'OTP', expiresAt: at(MINUTE) });
    expect(given).toMatchObject({ expiresAt: at(MINUTE), expiresByDefault: false });
    for (const lane of LANES.slice(1)) expect(draftOf({ lane }).expiresAt).toBeUndefined();
  });

  it.each<[string, Partial<MessageInput>, string[]]>([
    ['a sendAt further back', { sendAt: at(-5 * MINUTE - 1) }, ['INVALID_TIME sendAt']],
    ['a sendAt too far ahead', { sendAt: at(30 * DAY + 1) }, ['INVALID_TIME sendAt']],
    ['a sendAt that is no time', { sendAt: new Date(Number.NaN) }, ['INVALID_TIME sendAt']],
    ['an expiry now', { expiresAt: NOW }, ['INVALID_TIME expiresAt']],
    ['an expiry at sendAt', { sendAt: at(DAY), expiresAt: at(DAY) }, ['INVALID_TIME expiresAt']],
    ['an expiry in another age', { expiresAt: at(367 * DAY) }, ['INVALID_TIME expiresAt']],
    ['an expiry that is no time', { expiresAt: new Date(Number.NaN) }, ['INVALID_TIME expiresAt']],
    ['both', { sendAt: at(31 * DAY), expiresAt: at(-1) }, ['INVALID_TIME sendAt', 'INVALID_TIME expiresAt']],
  ])('refused: %s', (_, changes, expected) => {
    expect(told(changes)).toEqual(expected);
  });

  it('the greatest sendAt and an expiry after it are taken', () => {
    expect(told({ sendAt: at(30 * DAY), expiresAt: at(30 * DAY + 1) })).toEqual([]);
  });
});

describe('a message is refused', () => {
  it.each<[string, Partial<MessageInput>, string]>([
    // People.
    ['a sender without an address', { from: { address: '' } }, 'REQUIRED from.address'],
    ['two senders', { from: { address: 'a@example.com, b@example.com' } }, 'INVALID_ADDRESS from.address'],
    ['a newline in a name', { from: { address: 'a@b.c', name: 'Ada\r\nBcc: x@y.z' } }, 'INVALID_VALUE from.name'],
    ['a newline at the end of a name', { from: { address: 'a@b.c', name: 'Ada\n' } }, 'INVALID_VALUE from.name'],
    ['a lone surrogate in a name', { from: { address: 'a@b.c', name: '\ud83d' } }, 'INVALID_VALUE from.name'],
    ['a name too long', { from: { address: 'a@b.c', name: 'n'.repeat(256) } }, 'TOO_LONG from.name'],
    ['nobody to send to', { to: [] }, 'REQUIRED to'],
    ['a group', { to: [{ address: 'g: a@good.test, b@evil.test;' }] }, 'INVALID_ADDRESS to.0.address'],
    ['a bad cc', { cc: [...mailboxes(1), { address: 'x' }] }, 'INVALID_ADDRESS cc.1.address'],
    ['a bad bcc', { bcc: [{ address: 'a@b.c\n' }] }, 'INVALID_ADDRESS bcc.0.address'],
    ['a bad replyTo', { replyTo: [{ address: 'a b@good.test' }] }, 'INVALID_ADDRESS replyTo.0.address'],
    ['a recipient twice', { to: [...mailboxes(1), ...mailboxes(1)] }, 'INVALID_VALUE to.1.address'],
    ['a recipient in two lists', { bcc: [{ address: 'bob@EXAMPLE.net' }] }, 'INVALID_VALUE bcc.0.address'],
    ['an answer twice', { replyTo: [...mailboxes(1), ...mailboxes(1)] }, 'INVALID_VALUE replyTo.1.address'],
    ['too many in to', { to: mailboxes(6) }, 'TOO_MANY to'],
    ['too many with cc', { cc: mailboxes(5) }, 'TOO_MANY cc'],
    ['too many with bcc', { cc: mailboxes(4), bcc: [{ address: 'no' }] }, 'TOO_MANY bcc'],
    ['too many answers', { replyTo: mailboxes(11) }, 'TOO_MANY replyTo'],
    // Subject and bodies.
    ['no subject', { subject: ' ' }, 'REQUIRED subject'],
    ['a header in the subject', { subject: 'a\r\nBcc: x@y.z' }, 'INVALID_VALUE subject'],
    ['a tab in the subject', { subject: 'a\tb' }, 'INVALID_VALUE subject'],
    ['U+2028 in the subject', { subject: 'a\u2028b' }, 'INVALID_VALUE subject'],
    ['a lone surrogate in the subject', { subject: 'a\udc00' }, 'INVALID_VALUE subject'],
    ['a subject too long', { subject: 'a'.repeat(21) }, 'TOO_LONG subject'],
    ['no body', { content: {} }, 'REQUIRED content.inline'],
    ['empty bodies', { content: { text: '', html: '' } }, 'REQUIRED content.inline'],
    ['a text too large in bytes', { content: { text: 'é'.repeat(51) } }, 'TOO_LARGE content.inline.text'],
    ['an HTML body too large', { content: { html: 'a'.repeat(101) } }, 'TOO_LARGE content.inline.html'],
    ['a NUL in a text', { content: { text: 'a\0' } }, 'INVALID_VALUE content.inline.text'],
    ['a lone surrogate in HTML', { content: { html: '\ud800' } }, 'INVALID_VALUE content.inline.html'],
    [
      'bodies too large together',
      { content: { text: 'a'.repeat(90), html: 'a'.repeat(90) } },
      'TOO_LARGE content.inline',
    ],
    // Headers and labels.
    ['a header that adds a recipient', { headers: [{ ...header, name: 'Bcc' }] }, 'HEADER_NOT_ALLOWED headers.0.name'],
    ['two lines in a header', { headers: [{ ...header, value: 'a\nb' }] }, 'HEADER_NOT_ALLOWED headers.0.value'],
    ['a header twice', { headers: [header, { ...header, name: 'x-a' }] }, 'HEADER_NOT_ALLOWED headers.1.name'],
    ['too many headers', { headers: Array.from({ length: 51 }, () => header) }, 'TOO_MANY headers'],
    ['too many tags', { tags: Array.from({ length: 11 }, () => '') }, 'TOO_MANY tags'],
    ['an empty tag', { tags: ['a', ''] }, 'INVALID_VALUE tags.1'],
    ['a tag too long', { tags: ['a'.repeat(65)] }, 'INVALID_VALUE tags.0'],
    ['a blank in a tag', { tags: ['a b'] }, 'INVALID_VALUE tags.0'],
    [
      'too much metadata',
      { metadata: Array.from({ length: 21 }, () => ({ key: '', value: '' })) },
      'TOO_MANY metadata',
    ],
    ['no metadata key', { metadata: [{ key: '', value: '' }] }, 'REQUIRED metadata.0.key'],
    ['a metadata key too long', { metadata: [{ key: 'k'.repeat(65), value: '' }] }, 'TOO_LONG metadata.0.key'],
    ['a newline in a metadata key', { metadata: [{ key: 'a\n', value: '' }] }, 'INVALID_VALUE metadata.0.key'],
    ['a metadata value too long', { metadata: [{ key: 'k', value: 'v'.repeat(501) }] }, 'TOO_LONG metadata.0.value'],
    ['a NUL in a metadata value', { metadata: [{ key: 'k', value: '\0' }] }, 'INVALID_VALUE metadata.0.value'],
    [
      'a metadata key twice',
      { metadata: ['a', 'b', 'a'].map((key) => ({ key, value: '' })) },
      'INVALID_VALUE metadata.2.key',
    ],
    ['an empty idempotency key', { idempotencyKey: '' }, 'INVALID_VALUE idempotencyKey'],
    ['an idempotency key too long', { idempotencyKey: 'k'.repeat(257) }, 'INVALID_VALUE idempotencyKey'],
    ['blanks around an idempotency key', { idempotencyKey: 'k ' }, 'INVALID_VALUE idempotencyKey'],
    ['an idempotency key beyond ASCII', { idempotencyKey: 'é' }, 'INVALID_VALUE idempotencyKey'],
    ['a newline in an idempotency key', { idempotencyKey: 'a\n' }, 'INVALID_VALUE idempotencyKey'],
    // Attachments.
    ['too many attachments', { attachments: Array.from({ length: 4 }, () => file) }, 'TOO_MANY attachments'],
    [
      'an attachment too large',
      { attachments: [{ ...file, base64: 'AAAAAAAAAA==' }] },
      'TOO_LARGE attachments.0.source.base64',
    ],
    [
      'bodies and attachments too large together',
      { content: { text: 'a'.repeat(100), html: 'a'.repeat(48) }, attachments: [file] },
      'TOO_LARGE attachments',
    ],
    ...['A', 'AA', 'AAA', 'AA=', 'AA===', 'AAA=A', '====', 'AB==', '-_==', 'AA\n==', 'AAAA AAA', 'data:,AAA', 'é'].map(
      (base64): [string, Partial<MessageInput>, string] => [
        `base64 spelled ${JSON.stringify(base64)}`,
        { attachments: [file, { ...file, base64 }] },
        'INVALID_ATTACHMENT attachments.1.source.base64',
      ],
    ),
    ...['../a', 'a/b', 'a\\b', '.', '..', 'a\nb', 'a\0', 'a\u202etxt.exe', 'a\u2066b', '\ud800'].map(
      (filename): [string, Partial<MessageInput>, string] => [
        `a file named ${JSON.stringify(filename)}`,
        { attachments: [{ ...file, filename }] },
        'INVALID_ATTACHMENT attachments.0.filename',
      ],
    ),
    ['a file without a name', { attachments: [{ ...file, filename: ' ' }] }, 'REQUIRED attachments.0.filename'],
    [
      'a file name too long',
      { attachments: [{ ...file, filename: 'n'.repeat(256) }] },
      'TOO_LONG attachments.0.filename',
    ],
    ...[
      '',
      'text',
      'text/',
      'text/plain; charset=utf-8',
      'text/plain\r\nX: y',
      'multipart/mixed',
      'Message/RFC822',
      'a/b/c',
    ].map((contentType): [string, Partial<MessageInput>, string] => [
      `an attachment of type ${JSON.stringify(contentType)}`,
      { attachments: [{ ...file, contentType }] },
      'INVALID_ATTACHMENT attachments.0.contentType',
    ]),
    ...['', '<a>', 'a b', 'a@b@c', 'é', 'a\r\n', 'a'.repeat(256)].map(
      (contentId): [string, Partial<MessageInput>, string] => [
        `a content id ${JSON.stringify(contentId)}`,
        { attachments: [{ ...file, contentId }] },
        'INVALID_ATTACHMENT attachments.0.contentId',
      ],
    ),
    [
      'a content id twice',
      { attachments: [{ ...file, contentId: 'a' }, file, { ...file, contentId: 'a' }] },
      'INVALID_ATTACHMENT attachments.2.contentId',
    ],
  ])('for %s', (_, changes, expected) => {
    expect(told(changes)).toEqual([expected]);
  });

  it('for everything that is wrong at once', () => {
    const problems = told({
      idempotencyKey: '',
      from: { address: 'x', name: '\n' },
      to: [{ address: '' }, { address: 'y', name: '\0' }],
      subject: '',
      content: { text: '\0', html: '\ud800' },
      headers: [{ name: 'To', value: 'x' }],
      attachments: [{ filename: '', contentType: 'x', contentId: '', base64: '!' }],
      tags: [''],
      metadata: [{ key: '\n', value: '\0' }],
      sendAt: at(-DAY),
      expiresAt: at(-DAY),
    });
    expect(problems).toHaveLength(19);
    expect(new Set(problems).size).toBe(19);
  });

  it('in words that say what is expected', () => {
    expect(errorsOf({ to: mailboxes(6) })[0]?.message).toBe(
      'Give at most 5 recipients in to, cc and bcc together; these are 6.',
    );
    expect(errorsOf({ subject: 'a'.repeat(21) })[0]?.message).toBe('Give at most 20 characters; these are 21.');
    expect(errorsOf({ bcc: [{ address: 'bob@example.net' }] })[0]?.message).toContain('to.0');
  });
});

describe('whatever a client sends', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('a@b.test', 'AAAA', 'X-A', '\r\n', ''),
  );
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });
  const mailbox = fc.record({ address: text, name: maybe(text) });
  const input: fc.Arbitrary<MessageInput> = fc.record({
    idempotencyKey: maybe(text),
    from: mailbox,
    to: some(mailbox),
    cc: maybe(some(mailbox)),
    bcc: maybe(some(mailbox)),
    replyTo: maybe(some(mailbox)),
    subject: text,
    content: fc.record({ text: maybe(text), html: maybe(text) }),
    headers: maybe(some(fc.record({ name: text, value: text }))),
    attachments: maybe(
      some(fc.record({ filename: text, contentType: maybe(text), contentId: maybe(text), base64: text })),
    ),
    tags: maybe(some(text)),
    metadata: maybe(some(fc.record({ key: text, value: text }))),
    lane: maybe(fc.constantFrom(...LANES)),
    sendAt: maybe(fc.date()),
    expiresAt: maybe(fc.date()),
  });

  it('it gets a draft, or errors of the payload with a path and the fix, never an exception', () => {
    fc.assert(
      fc.property(input, (given) => {
        const result = checkMessage(given, LIMITS, NOW);
        if ('draft' in result) return;
        expect(result.errors.length).toBeGreaterThan(0);
        for (const { code, path, message } of result.errors) {
          expect(ERRORS[code].where).toBe('payload');
          expect(path.length).toBeGreaterThan(0);
          expect(message).toMatch(/^[A-Z].*\.$/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
