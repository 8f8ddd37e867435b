import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Answer } from 'dns-packet';
import { type Config, configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import { Sealer } from '../../../src/database/sealer.js';
import { Signals } from '../../../src/database/signals.js';
import { newUuidV7 } from '../../../src/database/uuid-v7.js';
import { DnsLookup } from '../../../src/dns/dns-lookup.js';
import { encodeId } from '../../../src/domain/opaque-id.js';
import type { Principal } from '../../../src/domain/principal.js';
import {
  type DnsRecord,
  MX_PREFERENCE,
  characterStrings,
  expectedRecords,
} from '../../../src/identities/register/dns-record.js';
import { DomainRechecker } from '../../../src/identities/register/domain-rechecker.js';
import { DomainVerifier } from '../../../src/identities/register/domain-verifier.js';
import { NewDkimKeys } from '../../../src/identities/register/new-dkim-keys.js';
import { RecordChecker } from '../../../src/identities/register/record-checker.js';
import type { SenderDomain } from '../../../src/identities/register/sender-domain.entity.js';
import { SenderDomainRepository } from '../../../src/identities/register/sender-domain.repository.js';
import { SenderDomains } from '../../../src/identities/register/sender-domains.js';
import { ActiveKeyRepository } from '../../../src/identities/sign/active-key.repository.js';
import { DkimKeyRing } from '../../../src/identities/sign/dkim-key-ring.js';
import { DkimSigner } from '../../../src/identities/sign/dkim-signer.js';
import { SenderIdentities } from '../../../src/identities/sign/sender-identities.js';
import { VerifiedDomains } from '../../../src/identities/sign/verified-domains.js';
import { Metrics } from '../../../src/telemetry/metrics.js';
import { DnsServer } from '../../support/dns-server.js';
import { addTenant } from '../../support/tenant.js';

/** Everything of identities in one process, on a database and a name server that others may share. */
export interface IdentitiesRig {
  readonly pools: Pools;
  readonly domains: SenderDomains;
  readonly rechecker: DomainRechecker;
  readonly identities: SenderIdentities;
  readonly signer: DkimSigner;
  readonly verified: VerifiedDomains;
  readonly metrics: Metrics;
  readonly config: Config;
  close(): Promise<void>;
}

// What is refused on purpose is told at length.
Logger.overrideLogger(false);

const ENCRYPTION_KEY = randomBytes(32).toString('base64');

export async function openIdentities(
  url: string,
  dns: DnsServer,
  settings: Partial<Config> = {},
): Promise<IdentitiesRig> {
  const config: Config = {
    ...configSchema.parse({ dnsServers: dns.address, encryptionKey: ENCRYPTION_KEY }),
    returnPathHost: 'mx:mail.postern.test',
    spfInclude: ['include:spf.postern.test'],
    ...settings,
  };
  const [pools, signals, metrics] = [new Pools(url, config), new Signals(url), new Metrics()];
  const [sealer, active] = [new Sealer(config), new ActiveKeyRepository(pools)];
  const repository = new SenderDomainRepository(pools);
  const verified = new VerifiedDomains(active, signals);
  const checker = new RecordChecker(new DnsLookup(config));
  const verifier = new DomainVerifier(repository, checker, pools, verified, metrics, config);
  await Promise.all([signals.onModuleInit(), verified.onModuleInit()]);
  return {
    pools,
    domains: new SenderDomains(repository, new NewDkimKeys(sealer), verifier, verified, pools),
    rechecker: new DomainRechecker(repository, verifier, pools),
    identities: new SenderIdentities(verified, config),
    signer: new DkimSigner(verified, new DkimKeyRing(active, sealer), metrics),
    verified,
    metrics,
    config,
    close: async () => {
      await verified.onApplicationShutdown();
      await signals.close();
      await pools.close();
    },
  };
}

export async function newTenant(rig: IdentitiesRig): Promise<Principal> {
  return { tenantId: await addTenant(rig.pools.main), keyId: newUuidV7(), mode: 'LIVE', scopes: ['ADMIN'] };
}

/** The id as clients have it. */
export const idOf = ({ row }: SenderDomain): string => encodeId('dom', row.id);

export async function created(
  rig: IdentitiesRig,
  by: Principal,
  name: string,
  options: { ed25519?: boolean } = {},
): Promise<SenderDomain> {
  const request = { name, ed25519: options.ed25519 === true, returnPathSubdomain: undefined };
  const { domain, errors } = await rig.domains.create(by, request);
  if (domain === undefined) throw new Error(JSON.stringify(errors));
  return domain;
}

/** The record as a name server answers it. */
function answerOf({ type, name, value }: DnsRecord): Answer {
  if (type === 'TXT') return { type, name, data: characterStrings(value) };
  if (type === 'MX') return { type, name, data: { exchange: value, preference: MX_PREFERENCE } };
  return { type, name, data: value };
}

/** What the owners of domains have published; each change replaces the zone. */
export class Zone {
  private readonly records = new Map<string, Answer[]>();

  constructor(private readonly dns: DnsServer) {}

  publish(rig: IdentitiesRig, ...domains: readonly SenderDomain[]): this {
    const records = domains.flatMap((domain) => expectedRecords(domain, rig.config, new Date()));
    for (const [name, ofName] of Map.groupBy(records, (record) => record.name)) {
      this.records.set(name, ofName.map(answerOf));
    }
    return this.serve();
  }

  set(name: string, ...answers: readonly Answer[]): this {
    if (answers.length === 0) this.records.delete(name);
    else this.records.set(name, [...answers]);
    return this.serve();
  }

  text(name: string, ...texts: readonly string[]): this {
    return this.set(name, ...texts.map((text): Answer => ({ type: 'TXT', name, data: characterStrings(text) })));
  }

  private serve(): this {
    this.dns.set(Object.fromEntries(this.records));
    return this;
  }
}
