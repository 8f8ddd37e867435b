import { mailTo } from '../support/postern-client.js';

export interface BadInput {
  readonly name: string;
  /** What differs from a good message. */
  readonly change: Readonly<Record<string, unknown>>;
  readonly code: string;
  readonly path: readonly string[];
}

const bad = (name: string, change: Record<string, unknown>, code: string, ...path: string[]): BadInput => ({
  name,
  change,
  code,
  path,
});

const to = (address: string): Record<string, unknown> => ({ to: [{ address }] });
const header = (name: string, value: string): Record<string, unknown> => ({ headers: [{ name, value }] });
const file = (rest: Record<string, unknown>): Record<string, unknown> => ({
  attachments: [{ filename: 'a.txt', source: { base64: 'QQ==' }, ...rest }],
});
const many = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

/** Addresses that some parser somewhere takes for one, or for two, or for a command. */
const ADDRESSES = [
  ' ',
  'ada',
  'ada@',
  '@example.com',
  'ada@example.com, bob@example.com',
  'ada@example.com;bob@example.com',
  'Ada <ada@example.com>',
  '<ada@example.com>',
  'ada@example.com (comment)',
  'ada@example.com\r\nRCPT TO:<bob@example.com>',
  'ada@example.com\0',
  'ada@exam ple.com',
  'ada@-example.com',
  'ada@example..com',
  '.ada@example.com',
  'ada..b@example.com',
  'ada@[127.0.0.1]',
  `${'a'.repeat(65)}@example.com`,
  `ada@${'a.'.repeat(130)}com`,
  '=?utf-8?q?ada?=@example.com',
  'ada@xn--.example',
  'ada@exam\u202eple.com',
  'ada@@example.com',
  '"ada\\\r\nDATA"@example.com',
];

/** What sendMessage refuses, one thing at a time. */
export const BAD_INPUTS: readonly BadInput[] = [
  ...ADDRESSES.map((address) =>
    bad(`to ${JSON.stringify(address).slice(0, 60)}`, to(address), 'INVALID_ADDRESS', 'to', '0', 'address'),
  ),
  bad('to nothing', to(''), 'REQUIRED', 'to', '0', 'address'),
  bad('a bad sender', { from: { address: 'shop' } }, 'INVALID_ADDRESS', 'from', 'address'),
  bad('a bad copy', { cc: [{ address: 'x' }] }, 'INVALID_ADDRESS', 'cc', '0', 'address'),
  bad('a bad hidden copy', { bcc: [{ address: 'x' }] }, 'INVALID_ADDRESS', 'bcc', '0', 'address'),
  bad('a bad reply address', { replyTo: [{ address: 'x' }] }, 'INVALID_ADDRESS', 'replyTo', '0', 'address'),
  bad('nobody to send to', { to: [] }, 'REQUIRED', 'to'),
  bad('too many recipients', { to: many(51).map((n) => ({ address: `a${n}@example.com` })) }, 'TOO_MANY', 'to'),
  bad('a name of two lines', { from: { address: 'a@example.com', name: 'A\nB' } }, 'INVALID_VALUE', 'from', 'name'),
  bad('a subject of two lines', { subject: 'A\r\nBcc: x@example.com' }, 'INVALID_VALUE', 'subject'),
  bad('a subject with NUL', { subject: 'A\0' }, 'INVALID_VALUE', 'subject'),
  bad('half a surrogate pair', { subject: 'A\ud800' }, 'INVALID_VALUE', 'subject'),
  bad('a subject without end', { subject: 'A'.repeat(999) }, 'TOO_LONG', 'subject'),
  bad('no body', { content: { inline: {} } }, 'REQUIRED', 'content', 'inline'),
  bad(
    'a body too large',
    { content: { inline: { text: 'x'.repeat(2_097_153) } } },
    'TOO_LARGE',
    'content',
    'inline',
    'text',
  ),
  bad('a body with NUL', { content: { inline: { html: 'x\0' } } }, 'INVALID_VALUE', 'content', 'inline', 'html'),
  bad('a Bcc header', header('Bcc', 'x@example.com'), 'HEADER_NOT_ALLOWED', 'headers', '0', 'name'),
  bad('a Content-Type header', header('Content-Type', 'text/html'), 'HEADER_NOT_ALLOWED', 'headers', '0', 'name'),
  bad('a header for providers', header('X-SMTPAPI', '{}'), 'HEADER_NOT_ALLOWED', 'headers', '0', 'name'),
  bad('two headers in one', header('X-A', 'b\r\nBcc: x@example.com'), 'HEADER_NOT_ALLOWED', 'headers', '0', 'value'),
  bad('a header with a colon', header('X-A: b\r\nBcc', 'x'), 'HEADER_NOT_ALLOWED', 'headers', '0', 'name'),
  bad('no base64', file({ source: { base64: '***' } }), 'INVALID_ATTACHMENT', 'attachments', '0', 'source', 'base64'),
  bad(
    'a path as file name',
    file({ filename: '../../etc/passwd' }),
    'INVALID_ATTACHMENT',
    'attachments',
    '0',
    'filename',
  ),
  bad('a bad media type', file({ contentType: 'text' }), 'INVALID_ATTACHMENT', 'attachments', '0', 'contentType'),
  bad('a bad content id', file({ contentId: '<a b>' }), 'INVALID_ATTACHMENT', 'attachments', '0', 'contentId'),
  bad(
    'too many files',
    { attachments: many(21).map((n) => ({ filename: `${n}.txt`, source: { base64: 'QQ==' } })) },
    'TOO_MANY',
    'attachments',
  ),
  bad('sendAt too far ahead', { sendAt: inDays(31) }, 'INVALID_TIME', 'sendAt'),
  bad('expiresAt in the past', { expiresAt: inDays(-1) }, 'INVALID_TIME', 'expiresAt'),
  bad('expiresAt before sendAt', { sendAt: inDays(2), expiresAt: inDays(1) }, 'INVALID_TIME', 'expiresAt'),
  bad('too many tags', { tags: many(11).map(String) }, 'TOO_MANY', 'tags'),
  bad('an empty tag', { tags: [''] }, 'INVALID_VALUE', 'tags', '0'),
  bad('too much metadata', { metadata: many(21).map((n) => ({ key: `k${n}`, value: 'v' })) }, 'TOO_MANY', 'metadata'),
  bad(
    'metadata twice',
    {
      metadata: [
        { key: 'k', value: '1' },
        { key: 'k', value: '2' },
      ],
    },
    'INVALID_VALUE',
    'metadata',
    '1',
    'key',
  ),
  bad('an empty idempotency key', { idempotencyKey: '' }, 'INVALID_VALUE', 'idempotencyKey'),
  bad('an idempotency key with umlauts', { idempotencyKey: 'schlüssel' }, 'INVALID_VALUE', 'idempotencyKey'),
  bad('an idempotency key too long', { idempotencyKey: 'k'.repeat(257) }, 'INVALID_VALUE', 'idempotencyKey'),
];

const good = mailTo('delivered@postern.test');

/** Inputs that are no SendMessageInput, and where that is told. */
export const MISFITS: readonly { readonly name: string; readonly input: unknown; readonly told: RegExp }[] = [
  { name: 'null', input: null, told: /\$input/ },
  { name: 'a text', input: 'hello', told: /\$input/ },
  { name: 'a list', input: [good], told: /\$input/ },
  { name: 'an unknown field', input: { ...good, priority: 1 }, told: /priority/ },
  { name: 'a missing field', input: { ...good, subject: undefined }, told: /subject/ },
  { name: 'a number as subject', input: { ...good, subject: 7 }, told: /input\.subject/ },
  { name: 'an object as subject', input: { ...good, subject: { $ne: 1 } }, told: /input\.subject/ },
  { name: 'null in a list', input: { ...good, to: [null] }, told: /input\.to\[0\]/ },
  { name: 'a text as mailbox', input: { ...good, to: ['a@example.com'] }, told: /input\.to\[0\]/ },
  { name: 'an unknown lane', input: { ...good, lane: 'EXPRESS' }, told: /input\.lane/ },
  { name: 'no source', input: { ...good, attachments: [{ filename: 'a', source: {} }] }, told: /source/ },
  { name: 'no content', input: { ...good, content: {} }, told: /content/ },
  { name: 'no time', input: { ...good, sendAt: 'tomorrow' }, told: /input\.sendAt/ },
  { name: 'a time without an offset', input: { ...good, sendAt: '2026-12-03T09:54:33' }, told: /input\.sendAt/ },
];

/** Bodies that are no GraphQL request. */
export const BODIES: readonly { readonly name: string; readonly body: string; readonly type?: string }[] = [
  { name: 'nothing', body: '' },
  { name: 'half of JSON', body: '{"query":"{ viewer' },
  { name: 'null', body: 'null' },
  { name: 'a number', body: '7' },
  { name: 'a list', body: '[]' },
  { name: 'a list of requests', body: '[{"query":"{viewer{key{id}}}"}]' },
  { name: 'no query', body: '{}' },
  { name: 'a query of another type', body: '{"query":{"a":1}}' },
  { name: 'an empty query', body: '{"query":""}' },
  { name: 'variables of another type', body: '{"query":"{viewer{key{id}}}","variables":"x"}' },
  { name: 'an operation that is not there', body: '{"query":"query A{viewer{key{id}}}","operationName":"B"}' },
  { name: 'no GraphQL', body: '{"query":"SELECT * FROM message"}' },
  { name: 'an unknown field', body: '{"query":"{ password }"}' },
  { name: 'a subscription', body: '{"query":"subscription { events { __typename } }"}' },
  { name: 'a prototype', body: '{"__proto__":{"query":"{viewer{key{id}}}"}}' },
  { name: 'JSON of 100,000 levels', body: `${'['.repeat(100_000)}${']'.repeat(100_000)}` },
  { name: 'a document of 5,000 levels', body: JSON.stringify({ query: `{${'a{'.repeat(5000)}b${'}'.repeat(5001)}` }) },
  {
    name: 'a document of 11 levels',
    body: JSON.stringify({
      query: `{messages{nodes{events{message{events{message{events{message{events{message{id}}}}}}}}}}}`,
    }),
  },
  {
    name: '1,000 aliases',
    body: JSON.stringify({
      query: `{${many(1000)
        .map((n) => `a${n}:viewer{key{id}}`)
        .join(' ')}}`,
    }),
  },
  { name: 'a form', body: 'query=%7Bviewer%7Bkey%7Bid%7D%7D%7D', type: 'application/x-www-form-urlencoded' },
  { name: 'plain text', body: '{"query":"{viewer{key{id}}}"}', type: 'text/plain' },
  { name: 'a type of its own making', body: '{}', type: 'application/x-nonsense' },
];

const byName = (mutation: string): readonly [string, string] => [
  `the name of ${mutation}`,
  `mutation ($nul: String!) { ${mutation}(input: { name: $nul }) { __typename } }`,
];

/** Where a text is looked up as it is. */
export const NUL_DOCUMENTS: readonly (readonly [where: string, document: string])[] = [
  ['message(idempotencyKey)', 'query ($nul: String!) { message(idempotencyKey: $nul) { id } }'],
  ['messages(filter.tag)', 'query ($nul: String!) { messages(filter: { tag: $nul }) { nodes { id } } }'],
  ['events(filter.tags)', 'query ($nul: String!) { events(filter: { tags: [$nul] }) { nodes { id } } }'],
  byName('updateProvider'),
  byName('drainProvider'),
  byName('resumeProvider'),
  byName('deleteProvider'),
];
