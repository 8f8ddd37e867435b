import { describe, expect, it } from '@jest/globals';
import type { Settlement } from './decide-outcome.js';
import { plainSettlement } from './plain-settlement.js';

describe('a plain settlement', () => {
  it('has no character that the database cannot store, and is the same otherwise', () => {
    const at = new Date('2026-01-01T00:00:00Z');
    const settlement = (text: string): Settlement => ({
      delayMs: undefined,
      changes: [
        {
          tenantId: 't',
          messageId: 'm',
          n: 0,
          event: 'HANDED_OFF',
          status: 'HANDED_OFF',
          attempts: 1,
          reply: text,
          data: { note: text },
          attempt: { attempt: 1, outcome: 'ACCEPTED', providerMessageId: text, startedAt: at, finishedAt: at },
        },
      ],
    });
    expect(plainSettlement(settlement('a\0b\ud800c 😀'))).toEqual(settlement('ab\ufffdc 😀'));
  });
});
