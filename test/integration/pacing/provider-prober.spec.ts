import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import { Signals } from '../../../src/database/signals.js';
import { DailyQuota } from '../../../src/sending/pacing/daily-quota.js';
import { LiveWorkers } from '../../../src/sending/pacing/live-workers.js';
import { PaceLearner } from '../../../src/sending/pacing/pace-learner.js';
import { PaceRepository } from '../../../src/sending/pacing/pace.repository.js';
import { Paces } from '../../../src/sending/pacing/paces.js';
import { ProviderProber } from '../../../src/sending/pacing/provider-prober.js';
import { ProviderQuotas } from '../../../src/sending/pacing/provider-quotas.js';
import { RateTokens } from '../../../src/sending/pacing/rate-tokens.js';
import type { ProbeResult, Transport } from '../../../src/sending/transports/transport.js';
import type { Transports } from '../../../src/sending/transports/transports.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/wait-for.js';

const LONG = { timeoutMs: 20_000 };

describe('looks at providers', () => {
  let database: TestDatabase;
  let pools: Pools;
  let signals: Signals;
  let paces: Paces;
  let quotas: ProviderQuotas;
  let prober: ProviderProber;
  let providers: Transport[];

  const provider = (name: string, probe: () => Promise<ProbeResult | undefined>): Transport =>
    ({ name, probe }) as unknown as Transport;

  const kind = (name: string): string => paces.state({ provider: name, lane: 'OTP' }).kind;

  beforeEach(async () => {
    database = await createTestDatabase();
    pools = new Pools(database.url, configSchema.parse({}));
    signals = new Signals(database.url);
    paces = new Paces(new PaceRepository(pools), signals);
    quotas = new ProviderQuotas(new DailyQuota(pools));
    const learner = new PaceLearner(paces, new LiveWorkers(pools));
    const transports = { outward: () => providers } as unknown as Transports;
    prober = new ProviderProber(transports, paces, learner, new RateTokens(pools), quotas);
    await paces.onApplicationBootstrap();
    prober.onApplicationBootstrap();
  });

  afterEach(async () => {
    await prober.onApplicationShutdown();
    await paces.onApplicationShutdown();
    await signals.close();
    await pools.close();
    await database.drop();
  });

  it('find one that is away, and one that is back, while another hangs', async () => {
    let alive = false;
    providers = [
      provider('hangs', () => new Promise(() => undefined)),
      provider('away', () => Promise.resolve({ alive, note: 'ECONNREFUSED' })),
      provider('unknown', () => Promise.resolve(undefined)),
    ];
    await waitFor(() => kind('away') === 'OPEN', LONG);
    alive = true;
    await waitFor(() => kind('away') === 'FLOWING', LONG);
    expect(kind('unknown')).toBe('FLOWING');
    await waitFor(() => kind('hangs') !== 'FLOWING', LONG);
  }, 60_000);

  it('are given up when the service stops, and say nothing about the provider then', async () => {
    let looks = 0;
    const hangs = (): Promise<undefined> => new Promise(() => (looks += 1));
    providers = [provider('hangs', hangs)];
    await waitFor(() => looks === 1, LONG);
    const stopped = performance.now();
    await prober.onApplicationShutdown();
    // A look may take 8 s.
    expect(performance.now() - stopped).toBeLessThan(4000);
    expect(kind('hangs')).toBe('FLOWING');
  }, 30_000);

  it('take over what a provider tells about our account, unless an operator has set a limit', async () => {
    providers = [
      provider('ses', () => Promise.resolve({ alive: true, note: '', quota: { perSecond: 14, perDay: 50_000 } })),
    ];
    await waitFor(() => quotas.of('ses', {}).perSecond === 14, LONG);
    expect(quotas.of('ses', { perSecond: 5 })).toEqual({ perSecond: 5, perDay: 50_000 });
  }, 30_000);
});
