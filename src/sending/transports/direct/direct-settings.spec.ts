import { describe, expect, it } from '@jest/globals';
import type { AddressFamily } from '../../../domain/target-order.js';
import { settingsProblem, usableFamilies } from './direct-settings.js';

const settings = (addressFamily: AddressFamily, ...addresses: string[]) => ({
  addressFamily,
  sourceAddresses: addresses.map((address) => ({ address })),
});

describe('usableFamilies', () => {
  it('are those wanted, of which there is an address of ours', () => {
    expect(usableFamilies(settings('any'))).toEqual([4, 6]);
    expect(usableFamilies(settings('any', '192.0.2.1'))).toEqual([4]);
    expect(usableFamilies(settings('prefer-ipv4', '2001:db8::1', '192.0.2.1'))).toEqual([4, 6]);
    expect(usableFamilies(settings('ipv6', '2001:db8::1', '192.0.2.1'))).toEqual([6]);
  });
});

describe('settingsProblem', () => {
  it.each([
    [settings('any'), undefined],
    [settings('ipv4', '192.0.2.1'), undefined],
    [settings('ipv6', '192.0.2.1'), 'no source address is of the address family that is wanted'],
    [settings('any', 'mail.example.test'), 'a source address is not an IP address'],
  ])('of %j is %j', (given, problem) => {
    expect(settingsProblem(given)).toBe(problem);
  });
});
