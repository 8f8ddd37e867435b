import { Field, ID, ObjectType } from '@nestjs/graphql';
import { encodeId } from '../../domain/opaque-id.js';
import type { DomainStatus } from '../../domain/sender-domain.js';
import { Connection, Edge } from '../../graphql/connection.js';
import { DateTime } from '../../graphql/date-time.scalar.js';
import { DkimKeyType, toDkimKey } from './dkim-key.type.js';
import { type RecordSettings, expectedRecords } from './dns-record.js';
import { PublishedRecordType, toDnsRecord } from './dns-record.type.js';
import { DomainStatusEnum } from './domain.enum.js';
import type { SenderDomain } from './sender-domain.entity.js';

@ObjectType('Domain', { description: 'A domain that your tenant sends from.' })
export class DomainType {
  @Field(() => ID, { description: 'Opaque id of the domain.' })
  id: string;

  @Field(() => String, { description: 'Its name in lower case, with xn-- labels where it is not ASCII.' })
  name: string;

  @Field(() => DomainStatusEnum, { description: 'Where it stands.' })
  status: DomainStatus;

  @Field(() => [PublishedRecordType], { description: 'The DNS records to publish, with what the last check found.' })
  records: PublishedRecordType[];

  @Field(() => [DkimKeyType], { description: 'Its DKIM keys, oldest first.' })
  keys: DkimKeyType[];

  @Field(() => String, { description: 'The domain of the envelope sender of its mail, once returnPathVerified.' })
  returnPath: string;

  @Field(() => Boolean, {
    description: 'True when the return path’s records were found: bounces of live mail then come to it.',
  })
  returnPathVerified: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When DNS was last asked.' })
  checkedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was first verified.' })
  verifiedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when its DKIM record is not found any more.' })
  atRiskSince: Date | null;

  @Field(() => DateTime, { description: 'When it was registered.' })
  createdAt: Date;
}

@ObjectType('DomainEdge', { description: 'A domain in a list.' })
class DomainEdge extends Edge(() => DomainType) {}

@ObjectType('DomainConnection', { description: 'A page of domains, newest first.' })
export class DomainConnection extends Connection(
  () => DomainType,
  () => DomainEdge,
) {}

export function toDomain(domain: SenderDomain, settings: RecordSettings, now: Date): DomainType {
  const { row, keys } = domain;
  return {
    id: encodeId('dom', row.id),
    name: row.name,
    status: row.status,
    records: expectedRecords(domain, settings, now).map((record) => toDnsRecord(record, row.checks[record.key])),
    keys: keys.map((key) => toDkimKey(key, now)),
    returnPath: row.returnPath,
    returnPathVerified: row.returnPathVerified,
    checkedAt: row.checkedAt,
    verifiedAt: row.verifiedAt,
    atRiskSince: row.atRiskSince,
    createdAt: row.createdAt,
  };
}
