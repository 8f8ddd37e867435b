import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/config/config.js';
import type { Principal } from '../../../src/domain/principal.js';
import { DnsServer } from '../../support/dns-server.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { SmtpSink } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, openWorker } from './worker-rig.js';

describe('mail to the recipients’ own hosts', () => {
  let database: TestDatabase;
  let sink: SmtpSink;
  let dns: DnsServer;
  let api: Rig;
  let principal: Principal;
  let worker: WorkerRig;

  beforeEach(async () => {
    database = await createTestDatabase();
    sink = await SmtpSink.start();
    dns = await DnsServer.start({
      'good.test': [{ name: 'good.test', type: 'MX', data: { exchange: 'mx.good.test', preference: 10 } }],
      'mx.good.test': [{ name: 'mx.good.test', type: 'A', data: '127.0.0.1' }],
    });
    const direct = { ehloName: 'client.example.com', port: sink.port, allowPrivateTargets: true };
    const providers = JSON.stringify({
      providers: [{ name: 'direct', kind: 'DIRECT', settings: direct }],
      routes: [{ steps: [{ providers: [{ provider: 'direct' }] }] }],
    });
    const settings: Partial<Config> = { providers, dnsServers: [dns.address] };
    api = openRig(database.url, settings);
    principal = await newPrincipal(api, 'LIVE');
    worker = openWorker(database.url, settings);
  });

  afterEach(async () => {
    await worker.stop();
    await api.pools.close();
    await sink.close();
    await dns.close();
    await database.drop();
  });

  const accept = async (addresses: readonly string[]): Promise<void> => {
    await Promise.all(addresses.map((address) => api.acceptor.accept(principal, draft({ to: [{ address }] }))));
  };

  it('whose name servers fail is no fault of the provider', async () => {
    const broken = Array.from({ length: 8 }, (_, n) => `bad${n}.test`);
    for (const domain of broken) dns.fail(domain);
    await accept(broken.map((domain) => `r@${domain}`));
    worker.start();
    const { pools } = api;
    const count = async (sql: string): Promise<number> => {
      const { rows } = await pools.main.query<{ n: number }>(`select count(*)::int as n from ${sql}`);
      return rows[0]?.n ?? 0;
    };
    await waitFor(async () => (await count('attempt')) === broken.length, { timeoutMs: 15_000 });
    await accept(Array.from({ length: 20 }, (_, n) => `g${n}@good.test`));
    await sink.taken(20);
    expect(await count(`provider_change where lane is not null`)).toBe(0);
    expect(await count(`pace where key like 'lane/%'`)).toBe(0);
  }, 30_000);
});
