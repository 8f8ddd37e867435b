import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { renderMessage } from '../../../src/sending/render/render-message.js';
import { composition, mailbox } from '../../support/composition.js';
import { arbitraryComposition } from '../render/arbitrary-composition.js';
import { oracleKey, published, signedBy, verdicts } from './dkim-oracle.js';

const KEYS = [oracleKey('RSA'), oracleKey('ED25519')];
const PASS = ['rsa-sha256 pass', 'ed25519-sha256 pass'];
const zone = published(KEYS);

const HEADERS = 'From: a@example.com\r\nTo: b@example.org\r\nSubject: s\r\nDate: Fri, 27 Nov 2026 10:00:00 +0000\r\n';
const mail = (body: string, headers = ''): Buffer => Buffer.from(`${HEADERS}${headers}\r\n${body}`, 'utf8');

const CASES: readonly (readonly [what: string, raw: Buffer])[] = [
  ['ASCII', mail('Hello\r\n')],
  ['UTF-8', mail('Grüße aus 東京\r\n')],
  ['8-bit octets', Buffer.concat([mail(''), Buffer.from([0xff, 0xfe, 0x80, 13, 10, 0xa0, 0x20, 13, 10])])],
  ['leading dots', mail('.\r\n..\r\n.hidden\r\n')],
  ['trailing blanks', mail('one  \r\ntwo\t\r\n \t \r\nthree \t x\r\n')],
  ['a body of blanks', mail(' \r\n\t\r\n')],
  ['empty lines at the end', mail('text\r\n\r\n\r\n')],
  ['empty lines at the start', mail('\r\n\r\ntext\r\n')],
  ['no line end at the end', mail('text')],
  ['blanks without a line end at the end', mail('text \t')],
  ['an empty body', mail('')],
  ['no body at all', Buffer.from(HEADERS)],
  ['more than one chunk', mail(`${'word  and \tword\r\n'.repeat(9000)}\r\n\r\n`)],
  ['a chunk full of line ends', mail(`a${'\r\n'.repeat(40_000)}b\r\n`)],
  ['a long header', mail('x\r\n', `References: ${'<id@example.com> '.repeat(50)}<id@example.com>\r\n`)],
  ['folded headers', mail('x\r\n', 'List-Unsubscribe: <https://example.com/a>,\r\n\t <https://example.com/b>\r\n')],
  ['blanks in headers', mail('x\r\n', 'Reply-To :  \t a@example.com  \r\nList-Id:\r\n <l.example.com>\r\n')],
  ['UTF-8 headers', mail('x\r\n', 'Cc: 用户@例え.test\r\n')],
  ['a header twice', mail('x\r\n', 'List-Post: <mailto:a@example.com>\r\nList-Post: NO\r\n')],
];

describe('a DKIM signature, judged by mailauth', () => {
  it.each(CASES)('passes: %s', async (_, raw) => {
    const signed = signedBy(KEYS, raw);
    expect(await verdicts(signed, zone)).toEqual(PASS);
    expect(signed.subarray(signed.length - raw.length)).toEqual(raw);
  });

  it('passes for whatever we render', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryComposition, async (c) => {
        const signed = signedBy(KEYS, renderMessage({ ...c, from: mailbox('shop@example.com', c.from.name) }).raw);
        expect(await verdicts(signed, zone)).toEqual(PASS);
      }),
      { numRuns: 150 },
    );
  });

  it('is folded into lines of at most 78 characters', () => {
    const signed = signedBy(KEYS, renderMessage(composition()).raw).toString();
    const own = signed.slice(0, signed.indexOf('Date:')).split('\r\n');
    expect(own.filter((line) => line.length > 78)).toEqual([]);
    expect(own.filter((line) => !/^(?:DKIM-Signature: | \S|$)/.test(line))).toEqual([]);
  });
});

const WITH_ALL = composition({
  cc: [mailbox('cc@example.org')],
  replyTo: [mailbox('reply@example.com')],
  html: '<p>It is on its way.</p>',
  headers: [
    ['In-Reply-To', '<a@example.com>'],
    ['References', '<a@example.com>'],
    ['List-Unsubscribe', '<https://example.com/leave>'],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
    ['List-Id', '<news.example.com>'],
    ['List-Help', '<https://example.com/help>'],
    ['Auto-Submitted', 'auto-generated'],
    ['Feedback-ID', 'a:b:c'],
    ['X-Free', 'not signed'],
  ],
});

const SIGNED = (
  'From To Cc Subject Date Message-ID Reply-To In-Reply-To References MIME-Version Content-Type ' +
  'List-Unsubscribe List-Unsubscribe-Post List-Id List-Help Auto-Submitted Feedback-ID'
).split(' ');

describe('what a DKIM signature covers', () => {
  const signed = signedBy(KEYS, renderMessage(WITH_ALL).raw).toString('latin1');
  const judge = async (text: string): Promise<string[]> => verdicts(Buffer.from(text, 'latin1'), zone);
  const FAIL = expect.not.stringContaining('pass') as unknown as string;

  it('passes untouched, and when a header that is not signed is changed', async () => {
    expect(await judge(signed)).toEqual(PASS);
    expect(await judge(signed.replace('X-Free: not signed', 'X-Free: changed'))).toEqual(PASS);
  });

  it.each(SIGNED)('fails when %s is changed or taken away', async (name) => {
    const field = new RegExp(`^${name}: .*\r\n(?:[\t ].*\r\n)*`, 'm');
    expect(signed).toMatch(field);
    expect(await judge(signed.replace(field, (text) => text.replace(/\r\n$/, 'x\r\n')))).toEqual([FAIL, FAIL]);
    expect(await judge(signed.replace(field, ''))).toEqual([FAIL, FAIL]);
  });

  it('covers Content-Transfer-Encoding of a message of one part', async () => {
    const single = signedBy(KEYS, renderMessage(composition()).raw).toString('latin1');
    expect(await judge(single)).toEqual(PASS);
    const changed = single.replace('Content-Transfer-Encoding: 7bit', 'Content-Transfer-Encoding: 8bit');
    expect(await judge(changed)).toEqual([FAIL, FAIL]);
  });

  it.each(['From', 'To', 'Subject', 'Date', 'Reply-To', 'List-Unsubscribe'])('lets nobody add %s', async (name) => {
    expect(await judge(`${name}: other@example.com\r\n${signed}`)).toEqual([FAIL, FAIL]);
    const plain = signedBy(KEYS, renderMessage(composition()).raw).toString('latin1');
    expect(await judge(plain.replace('\r\n\r\n', `\r\n${name}: other@example.com\r\n\r\n`))).toEqual([FAIL, FAIL]);
  });

  it('fails when any octet of the body is changed', async () => {
    const raw = Buffer.from(signed, 'latin1');
    const body = raw.indexOf('\r\n\r\n', raw.indexOf('MIME-Version')) + 4;
    const isText = (at: number): boolean => !' \t\r\n'.includes(String.fromCharCode(raw[at] ?? 0));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: body, max: raw.length - 1 }).filter(isText), async (at) => {
        const changed = Buffer.from(raw);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(await verdicts(changed, zone)).toEqual([FAIL, FAIL]);
      }),
      { numRuns: 60 },
    );
  });

  it('fails when something is put behind the body', async () => {
    expect(await judge(`${signed}more\r\n`)).toEqual([FAIL, FAIL]);
  });
});
