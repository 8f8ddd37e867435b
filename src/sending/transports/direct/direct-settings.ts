import { isIP } from 'node:net';
import { type AddressFamily, familiesOf } from '../../../domain/target-order.js';
import type { SmtpSettings } from '../smtp/smtp-settings.js';

/** An address of ours that mail is sent from. */
export interface SourceAddress {
  readonly address: string;
  /** Its first day; without one it is established and sends without limit. */
  readonly warmUpSince?: Date | undefined;
}

/** Everything a transport needs to know to deliver by itself. */
export interface DirectSettings extends Pick<
  SmtpSettings,
  'connectTimeoutMs' | 'commandTimeoutMs' | 'finalReplyTimeoutMs'
> {
  /** Name recorded with each attempt. */
  readonly name: string;
  /** The name of this host in DNS: in EHLO, and to know ourselves among the MX of a domain. */
  readonly ehloName: string;
  /** None: the system chooses, and nothing is counted. */
  readonly sourceAddresses: readonly SourceAddress[];
  readonly addressFamily: AddressFamily;
  /** Also loopback and private networks: for tests and for mail within a network. */
  readonly allowPrivateTargets: boolean;
  /** 25, but for tests. */
  readonly port: number;
  /** PEM certificates of a private authority that is known besides the public ones, where a certificate is checked. */
  readonly ca?: string | undefined;
  /** To one site from this process; the site's own limit where that is lower. */
  readonly maxConnections: number;
}

/** Families of addresses that hosts can be reached by: wanted, and with an address of ours to come from. */
export function usableFamilies({
  sourceAddresses,
  addressFamily,
}: Pick<DirectSettings, 'sourceAddresses' | 'addressFamily'>) {
  const ours = sourceAddresses.map(({ address }) => isIP(address));
  return familiesOf(addressFamily).filter((family) => ours.length === 0 || ours.includes(family));
}

/** Why nothing could be sent with these settings, whatever DNS says; undefined when they can be used. */
export function settingsProblem(
  settings: Pick<DirectSettings, 'sourceAddresses' | 'addressFamily'>,
): string | undefined {
  if (settings.sourceAddresses.some(({ address }) => isIP(address) === 0))
    return 'a source address is not an IP address';
  return usableFamilies(settings).length === 0
    ? 'no source address is of the address family that is wanted'
    : undefined;
}
