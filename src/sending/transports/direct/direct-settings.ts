import type { AddressFamily } from '../../../domain/target-order.js';
import type { SmtpSettings } from '../smtp/smtp-settings.js';

/** An address of ours that mail is sent from. */
export interface SourceAddress {
  readonly address: string;
  /** Its first day; without one it is established and sends without limit. */
  readonly warmUpSince?: Date;
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
  readonly ca?: string;
  /** To one site from this process; the site's own limit where that is lower. */
  readonly maxConnections: number;
}
