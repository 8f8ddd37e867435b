import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/config/config.js';
import type { MessageInput } from '../../../src/domain/check-message.js';
import type { Lane } from '../../../src/domain/lane.js';
import type { Principal } from '../../../src/domain/principal.js';
import { DnsServer } from '../../support/dns-server.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { SmtpSink, type SinkOptions } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, openWorker } from './worker-rig.js';

interface RelayLimits {
  readonly maxConnections?: number;
  readonly perSecond?: number;
}

describe('a limit on connections', () => {
  let database: TestDatabase;
  let sink: SmtpSink;
  let other: SmtpSink;
  let api: Rig;
  let principal: Principal;
  let workers: WorkerRig[];
  let dns: DnsServer | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
    workers = [];
  });

  afterEach(async () => {
    for (const worker of workers) await worker.stop();
    await api.pools.close();
    await Promise.all([sink, other].map((one) => one.close()));
    await dns?.close();
    dns = undefined;
    await database.drop();
  });

  const open = async (options: SinkOptions, limits: RelayLimits): Promise<Partial<Config>> => {
    sink = await SmtpSink.start(options);
    other = await SmtpSink.start();
    const relay = (name: string, port: number, more: object): object => ({
      name,
      kind: 'SMTP',
      settings: { host: '127.0.0.1', port, tls: 'off' },
      ...more,
    });
    return connect({
      providers: [relay('relay', sink.port, { limits }), relay('other', other.port, {})],
      routes: [
        { recipientDomain: 'other.test', steps: [{ providers: [{ provider: 'other' }] }] },
        { steps: [{ providers: [{ provider: 'relay' }] }] },
      ],
    });
  };

  const connect = async (document: object, more: Partial<Config> = {}): Promise<Partial<Config>> => {
    const settings = { providers: JSON.stringify(document), ...more };
    api = openRig(database.url, settings);
    principal = await newPrincipal(api, 'LIVE');
    return settings;
  };

  const start = async (count: number, settings: Partial<Config>): Promise<void> => {
    for (let n = 0; n < count; n += 1) workers.push(openWorker(database.url, settings));
    for (const worker of workers) worker.start();
    // A newcomer leaves the connections to those who do not know of it yet.
    await waitFor(() => workers.every(({ live }) => live.count === count && live.share(count) === 1), {
      timeoutMs: 15_000,
    });
  };

  const accept = (lane: Lane, domains: readonly string[], count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, (_, n) => {
        const to = [{ address: `r${n}@${domains[n % domains.length]}` }];
        return api.acceptor.accept(principal, draft({ lane, to } as Partial<MessageInput>));
      }),
    );

  const many = Array.from({ length: 50 }, (_, n) => `d${n}.example.net`);

  /** Seconds until all of it is taken; what waits is claimed in one go, as after a pause. */
  const secondsFor = async (count: number, accepting: () => Promise<unknown>): Promise<number> => {
    await api.pools.main.query(`insert into lane_pause (lane, reason) select generate_series(0, 3), 'not yet'`);
    for (const worker of workers) worker.signals.publish('lanes');
    await accepting();
    const begin = performance.now();
    await api.pools.main.query('delete from lane_pause');
    for (const worker of workers) worker.signals.publish('lanes');
    await sink.taken(count);
    return (performance.now() - begin) / 1000;
  };

  it.each([
    { lane: 'BULK', relayMs: 20, maxConnections: 2, workerCount: 1, count: 300 },
    { lane: 'BULK', relayMs: 20, maxConnections: 2, workerCount: 2, count: 300 },
    { lane: 'BULK', relayMs: 20, maxConnections: 1, workerCount: 2, count: 150 },
    { lane: 'TRANSACTIONAL', relayMs: 100, maxConnections: 3, workerCount: 1, count: 120 },
  ] as const)(
    'is used to the full: $maxConnections for $workerCount workers in $lane',
    async ({ lane, relayMs, maxConnections, workerCount, count }) => {
      await start(workerCount, await open({ delayMs: relayMs }, { maxConnections }));
      const seconds = await secondsFor(count, () => accept(lane, many, count));
      const ideal = (count * relayMs) / 1000 / maxConnections;
      expect(seconds).toBeLessThan(ideal / 0.8 + 0.5);
      expect(sink.mostAtOnce).toBe(maxConnections);
    },
    60_000,
  );

  it('lets everything through that a fast relay takes', async () => {
    await start(1, await open({}, { maxConnections: 2 }));
    const seconds = await secondsFor(2000, () => accept('BULK', many, 2000));
    expect(seconds).toBeLessThan(6);
  }, 60_000);

  it('that is smaller than the number of workers does not keep a code waiting', async () => {
    await start(2, await open({}, { maxConnections: 1 }));
    const waits: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const begin = performance.now();
      await accept('OTP', ['example.net'], 1);
      for (const worker of workers) worker.signals.publish('jobs', 'OTP');
      await sink.taken(n + 1);
      waits.push(performance.now() - begin);
    }
    expect(Math.max(...waits)).toBeLessThan(400);
    expect(waits.toSorted((a, b) => a - b)[10]).toBeLessThan(100);
  }, 60_000);

  it('leaves the lane to mail that goes another way', async () => {
    await start(1, await open({ delayMs: 200 }, { maxConnections: 1 }));
    await accept('BULK', many, 400);
    await sink.taken(1);
    const begin = performance.now();
    await accept('BULK', ['other.test'], 50);
    for (const worker of workers) worker.signals.publish('jobs', 'BULK');
    await other.taken(50);
    expect(performance.now() - begin).toBeLessThan(3000);
    expect(sink.accepted).toBeLessThan(30);
  }, 60_000);

  it('that a site has by default does not bring its mail to a standstill', async () => {
    sink = await SmtpSink.start();
    other = await SmtpSink.start();
    const mx = { name: 'big.test', type: 'MX', data: { exchange: 'mx.big.test', preference: 10 } } as const;
    dns = await DnsServer.start({
      'big.test': [mx],
      'mx.big.test': [{ name: 'mx.big.test', type: 'A', data: '127.0.0.1' }],
    });
    const settings = { ehloName: 'client.example.com', port: sink.port, allowPrivateTargets: true };
    const document = {
      providers: [{ name: 'direct', kind: 'DIRECT', settings }],
      routes: [{ steps: [{ providers: [{ provider: 'direct' }] }] }],
    };
    await start(2, await connect(document, { dnsServers: [dns.address] }));
    // The site's rate is 100 a second.
    const seconds = await secondsFor(500, () => accept('BULK', ['big.test'], 500));
    expect(seconds).toBeLessThan(5 / 0.8 + 1);
    expect(sink.mostOpen).toBeLessThanOrEqual(10);
  }, 60_000);
});
