import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkMessage } from './check-message.js';
import type { MessageInput } from './check-message.js';
import { fingerprint } from './fingerprint.js';
import type { MessageDraft } from './message-draft.js';

const NOW = new Date('2026-01-31T12:00:00Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);
const LIMITS = {
  maxRecipients: 50,
  maxSubjectChars: 998,
  maxBodyBytes: 1e6,
  maxAttachments: 20,
  maxAttachmentBytes: 1e6,
  maxMessageBytes: 1e6,
  maxScheduleDays: 30,
};

const INPUT: MessageInput = {
  idempotencyKey: 'k',
  from: { address: 'ada@example.com', name: 'Ada' },
  to: [{ address: 'a@example.net' }, { address: 'b@example.net', name: 'B' }],
  cc: [{ address: 'c@example.net' }],
  bcc: [{ address: 'd@example.net' }],
  replyTo: [{ address: 'e@example.net' }],
  subject: 'Hello',
  content: { text: 'Hi', html: '<p>Hi' },
  headers: [
    { name: 'X-A', value: '1' },
    { name: 'X-B', value: '2' },
  ],
  attachments: [{ filename: 'a.txt', contentType: 'text/plain', contentId: 'a', base64: 'AAAA' }],
  tags: ['one', 'two'],
  metadata: [
    { key: 'k1', value: 'v1' },
    { key: 'k2', value: 'v2' },
  ],
  lane: 'BULK',
  sendAt: later(60_000),
  expiresAt: later(120_000),
  inDoubt: 'HOLD',
  hold: true,
};

function draft(changes: Partial<MessageInput> = {}, now = NOW): MessageDraft {
  const result = checkMessage({ ...INPUT, ...changes }, LIMITS, now);
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.draft;
}

const print = (changes: Partial<MessageInput> = {}, now = NOW) => fingerprint(draft(changes, now)).toString('hex');

describe('a fingerprint', () => {
  it('is the same for the same message, whatever its key', () => {
    expect(print()).toHaveLength(64);
    expect(print({ idempotencyKey: 'another' })).toBe(print());
  });

  it('stays what is stored with the keys of earlier releases', () => {
    expect(print()).toBe('3040eeb3ecc4059880f4f44054b09dbcccdd1dca121b377a6d147feee8d1dd8f');
  });

  it('does not depend on the order of properties, tags and metadata', () => {
    const given = draft();
    const reversed = Object.fromEntries(Object.entries(given).toReversed()) as unknown as MessageDraft;
    expect(fingerprint(reversed)).toEqual(fingerprint(given));
    expect(print({ tags: ['two', 'one'], metadata: INPUT.metadata?.toReversed() })).toBe(print());
  });

  it.each<[string, Partial<MessageInput>]>([
    ['sender', { from: { address: 'eve@example.com', name: 'Ada' } }],
    ['name of the sender', { from: { address: 'ada@example.com' } }],
    ['recipients', { to: [{ address: 'a@example.net' }] }],
    ['order of recipients', { to: INPUT.to.toReversed() }],
    ['kind of a recipient', { cc: [], bcc: [{ address: 'd@example.net' }, { address: 'c@example.net' }] }],
    ['cc', { cc: [{ address: 'x@example.net' }] }],
    ['bcc', { bcc: [{ address: 'x@example.net' }] }],
    ['replyTo', { replyTo: [] }],
    ['subject', { subject: 'Hello!' }],
    ['text', { content: { text: 'Hi ', html: '<p>Hi' } }],
    ['HTML', { content: { text: 'Hi', html: '<p>Hi ' } }],
    ['presence of a text', { content: { html: '<p>Hi' } }],
    ['presence of HTML', { content: { text: 'Hi' } }],
    [
      'value of a header',
      {
        headers: [
          { name: 'X-A', value: '1' },
          { name: 'X-B', value: '3' },
        ],
      },
    ],
    ['order of headers', { headers: INPUT.headers?.toReversed() }],
    ['name of a file', { attachments: [{ ...INPUT.attachments?.[0], filename: 'b.txt', base64: 'AAAA' }] }],
    ['bytes of a file', { attachments: [{ ...INPUT.attachments?.[0], filename: 'a.txt', base64: 'AAAB' }] }],
    [
      'type of a file',
      { attachments: [{ filename: 'a.txt', contentType: 'text/html', contentId: 'a', base64: 'AAAA' }] },
    ],
    ['content id of a file', { attachments: [{ filename: 'a.txt', contentType: 'text/plain', base64: 'AAAA' }] }],
    ['tags', { tags: ['one'] }],
    [
      'metadata',
      {
        metadata: [
          { key: 'k1', value: 'v2' },
          { key: 'k2', value: 'v1' },
        ],
      },
    ],
    ['presence of metadata', { metadata: [] }],
    ['lane', { lane: 'NOTIFICATION' }],
    ['sendAt', { sendAt: later(61_000) }],
    ['presence of sendAt', { sendAt: undefined }],
    ['expiresAt', { expiresAt: later(121_000) }],
    ['presence of expiresAt', { expiresAt: undefined }],
    ['policy for doubt', { inDoubt: 'RESEND' }],
    ['hold', { hold: false }],
  ])('changes with the %s', (_, changes) => {
    expect(print(changes)).not.toBe(print());
  });

  it('is the same when a code without expiry of its own is sent again later', () => {
    const code: Partial<MessageInput> = { lane: 'OTP', sendAt: undefined, expiresAt: undefined };
    expect(print(code, later(90_000))).toBe(print(code));
    expect(print({ ...code, expiresAt: later(600_000) })).not.toBe(print(code));
  });

  it('is the same when a request is repeated after its sendAt', () => {
    expect(print({}, later(100_000))).toBe(print());
  });

  it('takes a draft that does not say where its expiry comes from as having asked for it', () => {
    const { expiresByDefault, ...rest } = draft();
    expect(expiresByDefault).toBe(false);
    expect(fingerprint(rest)).toEqual(fingerprint(draft()));
  });

  it('differs between texts that differ only in where one field ends', () => {
    const pair = fc.tuple(fc.string(), fc.string());
    const texts = (text: string, html: string): MessageDraft => ({ ...draft(), text, html });
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const same = a[0] === b[0] && a[1] === b[1];
        expect(fingerprint(texts(...a)).equals(fingerprint(texts(...b)))).toBe(same);
      }),
    );
  });
});
