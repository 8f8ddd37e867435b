import type { Config } from '../../config/config.js';
import type { DkimKeyRow, SenderDomain } from './sender-domain.entity.js';

export type DnsRecordPurpose = 'OWNERSHIP' | 'DKIM' | 'RETURN_PATH' | 'SPF' | 'DMARC';
export type DnsRecordType = 'TXT' | 'MX' | 'CNAME';

/** A record that the owner of a domain is asked to publish. */
export interface DnsRecord {
  /** Tells it from the others of its domain. */
  readonly key: string;
  readonly purpose: DnsRecordPurpose;
  readonly type: DnsRecordType;
  readonly name: string;
  /** Of an MX the host; its preference is MX_PREFERENCE. */
  readonly value: string;
  /** The domain is not verified without it. */
  readonly required: boolean;
}

export type RecordSettings = Pick<Config, 'returnPathHost' | 'spfInclude'>;

export const MX_PREFERENCE = 10;
/** Mail that was signed with a key waits in queues for so long; its record has to stay. */
const RETIRED_KEEPS_MS = 7 * 86_400_000;
/** RFC 1035 section 3.3: a character string has a length of one octet. */
const LONGEST_STRING = 255;

/** Every record that should be there now. */
export function expectedRecords({ row, keys }: SenderDomain, settings: RecordSettings, now: Date): DnsRecord[] {
  return [
    {
      key: 'ownership',
      purpose: 'OWNERSHIP',
      type: 'TXT',
      name: `_postern.${row.name}`,
      value: `postern-domain=${row.ownershipToken}`,
      required: true,
    },
    ...keys.filter((key) => !isRemovable(key, now)).map((key) => dkimRecord(row.name, key)),
    ...returnPathRecords(row, settings),
    {
      key: 'dmarc',
      purpose: 'DMARC',
      type: 'TXT',
      name: `_dmarc.${row.name}`,
      value: `v=DMARC1; p=none; rua=mailto:dmarc@${row.name}`,
      required: false,
    },
  ];
}

function dkimRecord(domain: string, { selector, algorithm, publicKey, state }: DkimKeyRow): DnsRecord {
  return {
    key: `dkim:${selector}`,
    purpose: 'DKIM',
    type: 'TXT',
    name: `${selector}._domainkey.${domain}`,
    value: `v=DKIM1; k=${algorithm.toLowerCase()}; p=${publicKey}`,
    required: algorithm === 'RSA' && state !== 'RETIRED',
  };
}

/** From when on nobody needs the record of a retired key; undefined while the key is in use. */
export function removableFrom({ retiredAt }: Pick<DkimKeyRow, 'retiredAt'>): Date | undefined {
  return retiredAt === null ? undefined : new Date(retiredAt.getTime() + RETIRED_KEEPS_MS);
}

export function isRemovable(key: Pick<DkimKeyRow, 'retiredAt'>, now: Date): boolean {
  const from = removableFrom(key);
  return from !== undefined && from <= now;
}

/** The value as the strings of a TXT record. */
export function characterStrings(value: string): string[] {
  return value.match(new RegExp(`.{1,${LONGEST_STRING}}`, 'g')) ?? [];
}

/** The record as a line of a zone file. */
export function zoneLine({ type, name, value }: DnsRecord): string {
  if (type === 'TXT')
    return `${name}. TXT ${characterStrings(value)
      .map((text) => `"${text}"`)
      .join(' ')}`;
  return type === 'MX' ? `${name}. MX ${MX_PREFERENCE} ${value}.` : `${name}. CNAME ${value}.`;
}

/**
 * SPF is about the domain of the envelope sender: the return path where there is one, unless a CNAME
 * stands there, beside which no other record may (the name it leads to has them); else From's own.
 */
function returnPathRecords(row: SenderDomain['row'], { returnPathHost, spfInclude }: RecordSettings): DnsRecord[] {
  const records: DnsRecord[] = [];
  const [kind, host] = returnPathHost?.split(':') ?? [];
  if (host !== undefined) {
    const type = kind?.toLowerCase() === 'cname' ? 'CNAME' : 'MX';
    const value = host.toLowerCase();
    records.push({ key: 'return_path', purpose: 'RETURN_PATH', type, name: row.returnPath, value, required: false });
    if (type === 'CNAME') return records;
  }
  if (spfInclude === undefined) return records;
  const name = host === undefined ? row.name : row.returnPath;
  const value = `v=spf1 ${spfInclude.join(' ')} ~all`;
  return [...records, { key: 'spf', purpose: 'SPF', type: 'TXT', name, value, required: false }];
}
