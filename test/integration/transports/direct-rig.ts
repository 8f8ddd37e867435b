import type { Answer } from 'dns-packet';
import { Pools } from '../../../src/database/pools.js';
import { DnsLookup } from '../../../src/dns/dns-lookup.js';
import type { DirectSettings } from '../../../src/sending/transports/direct/direct-settings.js';
import { type DirectSurroundings, DirectTransport } from '../../../src/sending/transports/direct/direct-transport.js';
import { MtaStsPolicyRepository } from '../../../src/sending/transports/direct/mta-sts-policy.repository.js';
import { SourceAddressUseRepository } from '../../../src/sending/transports/direct/source-address-use.repository.js';
import type { Envelope, HandOverResult } from '../../../src/sending/transports/transport.js';
import { DnsServer } from '../../support/dns-server.js';
import { FaultySmtpServer, type Script } from '../../support/faulty-smtp-server.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { SmtpSink, type SinkOptions } from '../../support/smtp-sink.js';

type Zone = Record<string, readonly Answer[]>;

const RAW = Buffer.from('Subject: direct\r\n\r\ntext\r\n');

/** Deadlines short enough to test, long enough for a busy machine. */
const SETTINGS: Omit<DirectSettings, 'port'> = {
  name: 'direct',
  ehloName: 'client.test',
  sourceAddresses: [],
  addressFamily: 'ipv4',
  allowPrivateTargets: true,
  maxConnections: 5,
  connectTimeoutMs: 3000,
  commandTimeoutMs: 3000,
  finalReplyTimeoutMs: 3000,
};

/** `host preference` pairs as the MX of a domain, and where each host is. */
export function mailZone(
  domain: string,
  hosts: Readonly<Record<string, string>>,
  preferences?: readonly number[],
): Zone {
  const names = Object.keys(hosts);
  const mx = names.map((exchange, place): Answer => {
    const preference = preferences?.[place] ?? 10 * (place + 1);
    return { name: domain, type: 'MX', data: { exchange, preference } };
  });
  const addresses = names.map((name): [string, Answer[]] => [name, [{ name, type: 'A', data: hosts[name] ?? '' }]]);
  return { [domain]: mx, ...Object.fromEntries(addresses) };
}

/** Recipient domains on loopback: a name server, mail servers on one port, and a database. */
export class DirectRig {
  port = 0;
  readonly #stops: (() => Promise<void>)[] = [];
  #zone: Zone = {};

  private constructor(
    readonly dns: DnsServer,
    readonly pools: Pools,
    private readonly database: TestDatabase,
  ) {}

  static async start(): Promise<DirectRig> {
    const database = await createTestDatabase();
    const pools = new Pools(database.url, { databasePool: 2, workerPool: 4 });
    const dns = await DnsServer.start();
    return new DirectRig(dns, pools, database);
  }

  get url(): string {
    return this.database.url;
  }

  /** Ends what a test has started, and forgets what it knew. */
  async clear(): Promise<void> {
    for (const stop of this.#stops.splice(0).toReversed()) await stop();
    this.port = 0;
    this.#zone = {};
    this.dns.questions.length = 0;
    await this.pools.main.query('truncate mta_sts_policy, source_address_use');
  }

  async stop(): Promise<void> {
    await this.dns.close();
    await this.pools.close();
    await this.database.drop();
  }

  /** Further names. */
  know(zone: Zone): void {
    this.#zone = { ...this.#zone, ...zone };
    this.dns.set(this.#zone);
  }

  async sink(address: string, options: SinkOptions = {}): Promise<SmtpSink> {
    const sink = await SmtpSink.start({ ...options, address, port: this.port });
    this.port = sink.port;
    this.#stops.push(() => sink.close());
    return sink;
  }

  async faulty(address: string, script: Script): Promise<FaultySmtpServer> {
    const server = await FaultySmtpServer.start({ ...script, address, port: this.port });
    this.port = server.port;
    this.#stops.push(() => server.close());
    return server;
  }

  transport(changes: Partial<DirectSettings> = {}, surroundings: Partial<DirectSurroundings> = {}): DirectTransport {
    const transport = new DirectTransport(
      { ...SETTINGS, port: this.port, ...changes },
      {
        dns: new DnsLookup({ dnsServers: [this.dns.address] }),
        policyStore: new MtaStsPolicyRepository(this.pools),
        addressUse: new SourceAddressUseRepository(this.pools),
        ...surroundings,
      },
    );
    this.#stops.push(() => transport.close());
    return transport;
  }
}

export function handOver(
  transport: DirectTransport,
  to: string,
  changes: Partial<Envelope> = {},
): Promise<HandOverResult> {
  return transport.handOver(testEnvelope({ to, ...changes }), outgoing(RAW));
}
