import type { DkimAlgorithm } from '../../domain/dkim/dkim-signature.js';
import type { DkimKeyState, DomainStatus } from '../../domain/sender-domain.js';
import { defineEnum } from '../../graphql/define-enum.js';
import type { DnsRecordPurpose, DnsRecordType } from './dns-record.js';
import type { RecordStatus } from './record-check.js';

export const DomainStatusEnum = defineEnum<DomainStatus>('DomainStatus', 'Where a sender domain stands.', {
  PENDING: 'Its records have not been seen yet: publish them and call verifyDomain.',
  VERIFIED: 'Yours: mail from it is signed.',
  AT_RISK: 'Still verified and signed, but its DKIM record is not found any more; after three days it is lost.',
  LOST: 'No longer verified, as its DKIM record was gone for three days. verifyDomain brings it back.',
});

export const DkimKeyStateEnum = defineEnum<DkimKeyState>('DkimKeyState', 'What a DKIM key is used for.', {
  NEXT: 'Waits for its record: verifyDomain, or the daily check, makes it ACTIVE once the record is seen.',
  ACTIVE: 'Signs mail.',
  RETIRED: 'Signs nothing any more; its record stays until removableFrom, for mail that is still under way.',
});

export const DkimAlgorithmEnum = defineEnum<DkimAlgorithm>('DkimAlgorithm', 'How a DKIM key signs.', {
  RSA: 'rsa-sha256 with 2048 bits, which every receiver verifies.',
  ED25519: 'ed25519-sha256 (RFC 8463), always together with an RSA key.',
});

export const DnsRecordPurposeEnum = defineEnum<DnsRecordPurpose>('DnsRecordPurpose', 'What a DNS record is for.', {
  OWNERSHIP: 'Proves that the domain is your tenant’s.',
  DKIM: 'The public half of a key that mail is signed with.',
  RETURN_PATH: 'Leads bounces to this installation.',
  SPF: 'Lets the hosts of this installation send for the domain of the envelope sender.',
  DMARC: 'Tells receivers what to do with mail that is not yours. Advice: any policy will do.',
});

export const DnsRecordTypeEnum = defineEnum<DnsRecordType>('DnsRecordType', 'The type of a DNS record.', {
  TXT: 'Text.',
  MX: 'A host that takes mail.',
  CNAME: 'Another name for a name.',
});

/** UNCHECKED is told when there is no check to tell of. */
export type TellableStatus = RecordStatus | 'UNCHECKED';

export const DnsRecordStatusEnum = defineEnum<TellableStatus>('DnsRecordStatus', 'What DNS said about a record.', {
  UNCHECKED: 'Nobody has looked yet.',
  FOUND: 'It is there as it should be.',
  MISSING: 'It is not there.',
  WRONG: 'Something else is there; problem says what.',
  UNKNOWN: 'DNS did not answer. Nothing was changed because of that; try again later.',
});
