import { ipBytes } from './ip-address.js';

/** What is not the public Internet, by the special-purpose registries of IANA (RFC 6890): network, bits, name. */
const SPECIAL_IPV4 = table([
  ['0.0.0.0', 8, 'unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'reserved'],
  ['198.51.100.0', 24, 'reserved'],
  ['203.0.113.0', 24, 'reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
]);

const SPECIAL_IPV6 = table([
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'private'],
  ['ff00::', 8, 'multicast'],
  // Teredo, ORCHID and benchmarks are in the first of these.
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'reserved'],
  ['3fff::', 20, 'reserved'],
]);

/** Forms that carry an IPv4 address, and where it stands: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056). */
const EMBEDDING = [
  { network: ipBytes('::ffff:0:0'), bits: 96, at: 12 },
  { network: ipBytes('64:ff9b::'), bits: 96, at: 12 },
  { network: ipBytes('2002::'), bits: 16, at: 2 },
];

/** Nothing else of IPv6 has been given out (RFC 4291 section 2.4). */
const GLOBAL_UNICAST = ipBytes('2000::');

type Bytes = readonly number[];

interface Network {
  readonly network: Bytes;
  readonly bits: number;
  readonly kind: string;
}

/**
 * What kind of place an address is when it is not on the public Internet; undefined when it is.
 * Whoever owns a domain writes its MX: without this look a mail could be made to talk to our own
 * loopback, network or cloud metadata. To be asked about the very address that is then dialled.
 */
export function specialTarget(address: string): string | undefined {
  const bytes = ipBytes(address);
  if (bytes.length === 4) return kindIn(SPECIAL_IPV4, bytes);
  if (bytes.length !== 16) return 'unknown';
  const embedding = EMBEDDING.find(({ network, bits }) => isWithin(bytes, network, bits));
  if (embedding !== undefined) return kindIn(SPECIAL_IPV4, bytes.slice(embedding.at, embedding.at + 4));
  return kindIn(SPECIAL_IPV6, bytes) ?? (isWithin(bytes, GLOBAL_UNICAST, 3) ? undefined : 'reserved');
}

function kindIn(networks: readonly Network[], address: Bytes): string | undefined {
  return networks.find(({ network, bits }) => isWithin(address, network, bits))?.kind;
}

function isWithin(address: Bytes, network: Bytes, bits: number): boolean {
  return network.every((byte, place) => {
    const left = Math.min(8, Math.max(0, bits - 8 * place));
    const mask = (0xff << (8 - left)) & 0xff;
    return ((address[place] ?? 0) & mask) === (byte & mask);
  });
}

function table(rows: readonly (readonly [string, number, string])[]): readonly Network[] {
  return rows.map(([network, bits, kind]) => ({ network: ipBytes(network), bits, kind }));
}
