import { Field, Int, ObjectType } from '@nestjs/graphql';
import { DnsRecordPurposeEnum, DnsRecordStatusEnum, DnsRecordTypeEnum, type TellableStatus } from './domain.enum.js';
import {
  type DnsRecord,
  type DnsRecordPurpose,
  type DnsRecordType,
  MX_PREFERENCE,
  characterStrings,
  zoneLine,
} from './dns-record.js';
import type { RecordCheck } from './record-check.js';

@ObjectType('DnsRecord', { description: 'A DNS record to publish, and whether it was found.' })
export class PublishedRecordType {
  @Field(() => DnsRecordPurposeEnum, { description: 'What it is for.' })
  purpose: DnsRecordPurpose;

  @Field(() => DnsRecordTypeEnum, { description: 'Its type.' })
  type: DnsRecordType;

  @Field(() => String, { description: 'Its full name. Many DNS consoles want it without your domain at the end.' })
  name: string;

  @Field(() => String, { description: 'Its value in one piece, as most DNS consoles take it.' })
  value: string;

  @Field(() => [String], {
    description: 'The value of a TXT record in strings of at most 255 characters, as DNS keeps it; else the value.',
  })
  strings: string[];

  @Field(() => Int, { nullable: true, description: 'Preference of an MX record; null for others.' })
  priority: number | null;

  @Field(() => String, { description: 'The record as a line of a zone file, to copy.' })
  zoneLine: string;

  @Field(() => Boolean, { description: 'True when the domain is not verified without it.' })
  required: boolean;

  @Field(() => DnsRecordStatusEnum, { description: 'What DNS said at the last check.' })
  status: TellableStatus;

  @Field(() => String, { nullable: true, description: 'What is wrong with it, in one sentence; null when nothing is.' })
  problem: string | null;
}

export function toDnsRecord(record: DnsRecord, check: RecordCheck | undefined): PublishedRecordType {
  const { purpose, type, name, value, required } = record;
  return {
    purpose,
    type,
    name,
    value,
    strings: type === 'TXT' ? characterStrings(value) : [value],
    priority: type === 'MX' ? MX_PREFERENCE : null,
    zoneLine: zoneLine(record),
    required,
    status: check?.status ?? 'UNCHECKED',
    problem: check?.problem ?? null,
  };
}
