import { describe, expect, it } from '@jest/globals';
import type { Dialogue } from './smtp-transaction.js';
import { SLICE_BYTES, WireMessage } from './wire-message.js';

/** Everything that is written for it, in the pieces in which it is. */
function written(raw: Buffer, dialogue: Dialogue): string[] {
  const message = new WireMessage(raw, dialogue);
  const pieces = [message.envelope(message.opening).toString('latin1')];
  if (dialogue === 'ONE_WRITE') return pieces;
  do pieces.push(message.slice().toString('latin1'));
  while (message.rest > 0);
  return pieces;
}

const RAW = Buffer.from('Subject: x\r\n\r\n.text\n');

describe('WireMessage', () => {
  it('goes behind DATA with its dots doubled and one at the end', () => {
    for (const dialogue of ['STEPWISE', 'PIPELINED'] as const) {
      expect(written(RAW, dialogue)).toEqual(['DATA\r\n', 'Subject: x\r\n\r\n..text\r\n.\r\n']);
    }
  });

  it('goes in two chunks, the first of one line', () => {
    expect(written(RAW, 'CHUNKED')).toEqual(['BDAT 12\r\nSubject: x\r\n', 'BDAT 9 LAST\r\n\r\n.text\r\n']);
  });

  it('goes in one', () => {
    expect(written(RAW, 'ONE_WRITE')).toEqual(['BDAT 21 LAST\r\nSubject: x\r\n\r\n.text\r\n']);
  });

  it('ends with an empty chunk when it is one line', () => {
    expect(written(Buffer.from('x'), 'CHUNKED')).toEqual(['BDAT 3\r\nx\r\n', 'BDAT 0 LAST\r\n']);
  });

  it('goes in slices when it is large, and says before the first how many octets there are', () => {
    const raw = Buffer.alloc(3 * SLICE_BYTES, 'line of 32 octets, without dots\r\n'.slice(1));
    const [first, last, ...slices] = written(raw, 'CHUNKED');
    expect(first).toBe(`BDAT 32\r\n${raw.toString('latin1', 0, 32)}`);
    expect(last?.startsWith(`BDAT ${raw.length - 32} LAST\r\n`)).toBe(true);
    expect(slices.map(({ length }) => length)).toEqual([SLICE_BYTES, SLICE_BYTES - 32]);
    expect(last?.slice(last.indexOf('\n') + 1).concat(...slices)).toBe(raw.toString('latin1', 32));
  });
});
