import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { LANES } from '../../src/domain/lane.js';
import { nextDelayMs } from '../../src/domain/retry-schedule.js';
import { RESERVED } from '../../src/sending/pacing/lane-reserve.js';
import { tableIn } from '../support/doc-examples.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function spelled(ms: number): string {
  if (ms < 3 * MINUTE && ms % MINUTE !== 0) return `${ms / SECOND} s`;
  if (ms === MINUTE) return '60 s';
  return ms < HOUR ? `${Math.round(ms / MINUTE)} min` : `${Math.round(ms / HOUR)} h`;
}

it('the lanes on the page are those of the code', () => {
  const rows = LANES.map((lane) => {
    const delays: number[] = [];
    for (let next = nextDelayMs(lane, 1, 0.5); next !== undefined; next = nextDelayMs(lane, delays.length + 1, 0.5)) {
      delays.push(next);
    }
    const last = delays.at(-1) ?? 0;
    const repeats = last === 4 * HOUR;
    const first = repeats ? delays.slice(0, delays.indexOf(last)) : delays;
    const sum = delays.reduce((total, delay) => total + delay, 0);
    const total = repeats ? 48 * HOUR : sum;
    expect(total - sum).toBeLessThan(4 * HOUR);
    const kept = `${RESERVED[lane] * 100} %`;
    return [`\`${lane}\``, first.map(spelled).join(', '), repeats ? spelled(last) : '', spelled(total), kept];
  });
  const head = ['lane', 'first retries after', 'then every', 'tries for', 'kept for the lanes above'];
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  expect(tableIn(readFileSync('docs/lanes.md', 'utf8'), 'lanes')).toBe(table);
});
