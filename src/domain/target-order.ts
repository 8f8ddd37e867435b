/** Which family of addresses a host is reached by. */
export type AddressFamily = 'any' | 'ipv4' | 'ipv6' | 'prefer-ipv4' | 'prefer-ipv6';

export interface Target {
  readonly address: string;
  readonly family: 4 | 6;
}

/** The families that may be used at all. */
export function familiesOf(wanted: AddressFamily): readonly (4 | 6)[] {
  if (wanted === 'ipv4') return [4];
  return wanted === 'ipv6' ? [6] : [4, 6];
}

/**
 * The addresses of a host in the order in which they are dialled: the families in turn (RFC 8305
 * section 4), as where one address of a family cannot be reached its others can hardly. With `any`
 * chance, in [0, 1), says which begins.
 */
export function orderTargets(targets: readonly Target[], wanted: AddressFamily, random: number): readonly Target[] {
  const first = wanted === 'prefer-ipv6' || (wanted === 'any' && random < 0.5) ? 6 : 4;
  const [begin, then] = [
    targets.filter(({ family }) => family === first),
    targets.filter(({ family }) => family !== first),
  ];
  return Array.from({ length: Math.max(begin.length, then.length) }, (_, place) => [begin[place], then[place]])
    .flat()
    .filter((target) => target !== undefined);
}
