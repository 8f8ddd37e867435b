import { describe, expect, it } from '@jest/globals';
import { familiesOf, orderTargets, type Target } from './target-order.js';

const four = (address: string): Target => ({ address, family: 4 });
const six = (address: string): Target => ({ address, family: 6 });

describe('familiesOf', () => {
  it.each([
    ['any', [4, 6]],
    ['prefer-ipv4', [4, 6]],
    ['prefer-ipv6', [4, 6]],
    ['ipv4', [4]],
    ['ipv6', [6]],
  ] as const)('%s: %j', (wanted, families) => {
    expect(familiesOf(wanted)).toEqual(families);
  });
});

describe('orderTargets', () => {
  const targets = [four('1.1.1.1'), four('1.1.1.2'), four('1.1.1.3'), six('2606::1')];
  const addresses = (wanted: Parameters<typeof orderTargets>[1], random = 0): string[] =>
    orderTargets(targets, wanted, random).map(({ address }) => address);

  it('takes the families in turn, the preferred one first', () => {
    expect(addresses('prefer-ipv4')).toEqual(['1.1.1.1', '2606::1', '1.1.1.2', '1.1.1.3']);
    expect(addresses('prefer-ipv6')).toEqual(['2606::1', '1.1.1.1', '1.1.1.2', '1.1.1.3']);
  });

  it('lets chance begin where neither is preferred', () => {
    expect(addresses('any', 0.49)[0]).toBe('2606::1');
    expect(addresses('any', 0.5)[0]).toBe('1.1.1.1');
  });
});
