import { describe, expect, it } from '@jest/globals';
import { orderHosts, readExchangers } from './mail-exchangers.js';

const mx = (host: string, preference: number) => ({ host, preference });

describe('readExchangers', () => {
  it('leaves out a null MX that is not alone', () => {
    expect(readExchangers([mx('', 0)], undefined)).toEqual({ kind: 'null_mx' });
    expect(readExchangers([mx('', 0), mx('a.test', 10)], undefined)).toEqual({
      kind: 'hosts',
      exchangers: [mx('a.test', 10)],
    });
  });

  it.each([
    ['b.test', ['a.test']],
    ['B.TEST', ['a.test']],
    ['c.test', ['a.test']],
    ['d.test', ['a.test', 'b.test', 'c.test']],
    ['z.test', ['a.test', 'b.test', 'c.test', 'd.test']],
    [undefined, ['a.test', 'b.test', 'c.test', 'd.test']],
  ])('gives only better hosts than %s', (ownName, hosts) => {
    const records = [mx('a.test', 5), mx('b.test', 10), mx('c.test', 10), mx('d.test', 20)];
    expect(readExchangers(records, ownName)).toEqual({
      kind: 'hosts',
      exchangers: records.filter(({ host }) => hosts.includes(host)),
    });
  });

  it('sees the loop when nobody is better than us', () => {
    expect(readExchangers([mx('us.test', 10), mx('other.test', 10)], 'us.test')).toEqual({ kind: 'loop' });
  });
});

describe('orderHosts', () => {
  const exchangers = [mx('b1.test', 20), mx('a1.test', 10), mx('a2.test', 10), mx('a3.test', 10)];

  it('goes by preference, then by chance', () => {
    const chances = [0.1, 0.9, 0.2, 0.5];
    expect(
      orderHosts(
        exchangers,
        () => chances.shift() ?? 0,
        () => false,
      ),
    ).toEqual(['a2.test', 'a3.test', 'a1.test', 'b1.test']);
  });

  it('lets who is ready go first, but not before a better preference', () => {
    const ready = (host: string): boolean => host === 'a3.test' || host === 'b1.test';
    const order = orderHosts(exchangers, () => 0.5, ready);
    expect(order[0]).toBe('a3.test');
    expect(order[3]).toBe('b1.test');
  });
});
