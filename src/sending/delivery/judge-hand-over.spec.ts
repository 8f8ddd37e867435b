import { describe, expect, it } from '@jest/globals';
import type { HandOverResult } from '../transports/transport.js';
import { judgeHandOver } from './judge-hand-over.js';

const reply = (code: number, text: string, enhanced?: string) => ({ code, enhanced, text });

describe('judging a hand-over', () => {
  it.each<[string, HandOverResult, string, string | undefined]>([
    ['taken', { outcome: 'accepted', reply: reply(250, 'Ok'), finalDestination: false }, 'ACCEPTED', undefined],
    ['perhaps taken', { outcome: 'in_doubt', stage: 'FINAL_REPLY', note: '' }, 'IN_DOUBT', undefined],
    [
      'refused for good',
      { outcome: 'refused', stage: 'RCPT', reply: reply(550, 'no such user', '5.1.1'), note: '' },
      'BOUNCED',
      'BAD_MAILBOX',
    ],
    [
      'refused for what is ours to mend',
      { outcome: 'refused', stage: 'RCPT', reply: reply(554, 'Relay access denied', '5.7.1'), note: '' },
      'DEFERRED',
      'PROVIDER_CONFIGURATION',
    ],
    [
      'refused by ourselves',
      { outcome: 'refused', stage: 'MAIL', reply: undefined, note: 'no SMTPUTF8' },
      'REJECTED',
      'POLICY',
    ],
    [
      'refused by an adapter that knows why, whatever the number means elsewhere',
      { outcome: 'refused', stage: 'RCPT', reply: reply(400, 'bad address'), note: '', reason: 'BAD_MAILBOX' },
      'BOUNCED',
      'BAD_MAILBOX',
    ],
    [
      'to a domain that takes no mail',
      { outcome: 'refused', stage: 'CONNECT', reply: undefined, note: 'null MX', reason: 'BAD_DOMAIN' },
      'BOUNCED',
      'BAD_DOMAIN',
    ],
    [
      'put off without a word',
      { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note: 'ECONNREFUSED' },
      'DEFERRED',
      'NETWORK',
    ],
    [
      'put off for its recipient',
      { outcome: 'deferred', stage: 'RCPT', reply: reply(452, 'mailbox full', '4.2.2'), note: '' },
      'DEFERRED',
      'MAILBOX_FULL',
    ],
  ])('%s', (_, result, verdict, reason) => {
    expect(judgeHandOver(result)).toMatchObject({ verdict, reason });
  });
});
