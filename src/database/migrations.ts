import type { MigrationInterface } from 'typeorm';
import { CreatePostern1764000000000 } from '../../migrations/1764000000000-create-postern.js';
import { LeadJobKeyWithMessage1764050000000 } from '../../migrations/1764050000000-lead-job-key-with-message.js';
import { CreateProviders1764100000000 } from '../../migrations/1764100000000-create-providers.js';
import { CreateMtaStsPolicy1764150000000 } from '../../migrations/1764150000000-create-mta-sts-policy.js';
import { CreateSourceAddressUse1764150000001 } from '../../migrations/1764150000001-create-source-address-use.js';
import { CreateSenderDomains1764200000000 } from '../../migrations/1764200000000-create-sender-domains.js';
import { PaceDeliveries1764300000000 } from '../../migrations/1764300000000-pace-deliveries.js';
import { CreateProviderMinute1764400000000 } from '../../migrations/1764400000000-create-provider-minute.js';
import { CreateProviderNews1764500000000 } from '../../migrations/1764500000000-create-provider-news.js';
import { RememberParking1764600000000 } from '../../migrations/1764600000000-remember-parking.js';

/** Every migration, oldest first. Listed, not searched for: a bundle has no folder to look into. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  CreatePostern1764000000000,
  LeadJobKeyWithMessage1764050000000,
  CreateProviders1764100000000,
  CreateMtaStsPolicy1764150000000,
  CreateSourceAddressUse1764150000001,
  CreateSenderDomains1764200000000,
  PaceDeliveries1764300000000,
  CreateProviderMinute1764400000000,
  CreateProviderNews1764500000000,
  RememberParking1764600000000,
];

/** Where TypeORM remembers which migrations have run. */
export const MIGRATIONS_TABLE = 'schema_migration';
