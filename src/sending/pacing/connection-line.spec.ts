import { describe, expect, it } from '@jest/globals';
import type { Lane } from '../../domain/lane.js';
import { ConnectionLine } from './connection-line.js';

const LONG = 60_000;

describe('the line in front of connections', () => {
  it('goes by lane, then by arrival', async () => {
    const line = new ConnectionLine();
    let free = 0;
    const inside: string[] = [];
    const join = (who: string, lane: Lane): Promise<boolean> =>
      line.wait('relay', lane, () => (free > 0 ? void ((free -= 1), inside.push(who)) : 'relay'), LONG);
    const all = [join('news 1', 'BULK'), join('news 2', 'BULK'), join('code', 'OTP')];
    expect([line.ahead('relay', 'BULK'), line.ahead('relay', 'OTP'), line.size('BULK')]).toEqual([3, 1, 2]);
    free = 2;
    line.freed('relay');
    expect(inside).toEqual(['code', 'news 1']);
    free = 1;
    line.freed('another');
    expect(inside).toHaveLength(2);
    line.freed('relay');
    expect(await Promise.all(all)).toEqual([true, true, true]);
    expect(line.size('BULK')).toBe(0);
  });

  it('goes on behind whatever else is full, without holding up the next one', async () => {
    const line = new ConnectionLine();
    let site = 'full';
    const first = line.wait('relay', 'BULK', () => (site === 'full' ? 'site' : undefined), LONG);
    const second = line.wait('relay', 'BULK', () => undefined, LONG);
    line.freed('relay');
    expect(await second).toBe(true);
    expect(line.ahead('site', 'BULK')).toBe(1);
    site = 'free';
    line.freed('site');
    expect(await first).toBe(true);
  });

  it('looks once more when the time is over', async () => {
    const line = new ConnectionLine();
    expect(await line.wait('relay', 'BULK', () => 'relay', 1)).toBe(false);
    expect(await line.wait('relay', 'BULK', () => undefined, 1)).toBe(true);
    expect(line.size('BULK')).toBe(0);
  });
});
