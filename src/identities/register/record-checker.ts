import { Injectable } from '@nestjs/common';
import { DnsLookup } from '../../dns/dns-lookup.js';
import { withParents } from '../../domain/sender-domain.js';
import type { DnsRecord } from './dns-record.js';
import { behindAlias, judgeCname, judgeMx, judgeTxt } from './judge-record.js';
import type { RecordCheck } from './record-check.js';

/** Compares what should be published with what is. */
@Injectable()
export class RecordChecker {
  constructor(private readonly dns: DnsLookup) {}

  /** By key of the record. */
  async check(records: readonly DnsRecord[]): Promise<Record<string, RecordCheck>> {
    const checks = await Promise.all(records.map(async (record) => [record.key, await this.checkOne(record)] as const));
    return Object.fromEntries(checks);
  }

  private async checkOne(record: DnsRecord): Promise<RecordCheck> {
    if (record.type === 'CNAME') return judgeCname(record, await this.dns.cname(record.name));
    const check =
      record.type === 'MX'
        ? judgeMx(record, await this.dns.mx(record.name))
        : judgeTxt(record, await this.dns.txt(record.name));
    if (check.status === 'FOUND' || check.status === 'UNKNOWN') return check;
    // An alias is followed without a word: only asked for itself it shows.
    const alias = await this.dns.cname(record.name);
    if (alias.kind === 'found') return behindAlias(record, alias.records.join(', '));
    return record.purpose === 'DMARC' && check.status === 'MISSING' ? this.checkParents(record, check) : check;
  }

  /** A policy further up holds for the domains below it (RFC 7489 section 6.6.3). */
  private async checkParents(record: DnsRecord, check: RecordCheck): Promise<RecordCheck> {
    const [, ...parents] = withParents(record.name.slice('_dmarc.'.length));
    for (const parent of parents) {
      const above = judgeTxt(record, await this.dns.txt(`_dmarc.${parent}`));
      if (above.status === 'FOUND' || above.status === 'UNKNOWN') return above;
    }
    return check;
  }
}
