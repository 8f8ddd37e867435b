import { type Config, configSchema } from '../../../src/config/config.js';
import { Sealer } from '../../../src/database/sealer.js';
import { Pools } from '../../../src/database/pools.js';
import { Signals } from '../../../src/database/signals.js';
import type { Principal } from '../../../src/domain/principal.js';
import { EventRecorder } from '../../../src/events/event-recorder.js';
import { ActiveKeyRepository } from '../../../src/identities/sign/active-key.repository.js';
import { DkimKeyRing } from '../../../src/identities/sign/dkim-key-ring.js';
import { DkimSigner } from '../../../src/identities/sign/dkim-signer.js';
import { SenderIdentities } from '../../../src/identities/sign/sender-identities.js';
import { VerifiedDomains } from '../../../src/identities/sign/verified-domains.js';
import { MessageContentRepository } from '../../../src/messages/message-content.repository.js';
import { DeliveryMetrics } from '../../../src/sending/delivery/delivery-metrics.js';
import { DeliveryWorker } from '../../../src/sending/delivery/delivery-worker.js';
import { JobLoader } from '../../../src/sending/delivery/job-loader.js';
import { JobRecaller } from '../../../src/sending/delivery/job-recaller.js';
import { LaneRunners } from '../../../src/sending/delivery/lane-runners.js';
import { LeaseKeeper } from '../../../src/sending/delivery/lease-keeper.js';
import { MessageDeliverer } from '../../../src/sending/delivery/message-deliverer.js';
import { OutcomeWriter } from '../../../src/sending/delivery/outcome-writer.js';
import { QueueSweeper } from '../../../src/sending/delivery/queue-sweeper.js';
import { SendJobRepository } from '../../../src/sending/delivery/send-job.repository.js';
import { HandOver } from '../../../src/sending/delivery/hand-over.js';
import { WayFinder } from '../../../src/sending/delivery/way-finder.js';
import { WayTaker } from '../../../src/sending/delivery/way-taker.js';
import { DailyQuota } from '../../../src/sending/pacing/daily-quota.js';
import { LanePauses } from '../../../src/sending/pacing/lane-pauses.js';
import { LiveWorkers } from '../../../src/sending/pacing/live-workers.js';
import { PaceLearner } from '../../../src/sending/pacing/pace-learner.js';
import { PaceRepository } from '../../../src/sending/pacing/pace.repository.js';
import { Pacer } from '../../../src/sending/pacing/pacer.js';
import { Paces } from '../../../src/sending/pacing/paces.js';
import { ProviderProber } from '../../../src/sending/pacing/provider-prober.js';
import { RateTokens } from '../../../src/sending/pacing/rate-tokens.js';
import { ProviderQuotas } from '../../../src/sending/pacing/provider-quotas.js';
import { DnsLookup } from '../../../src/dns/dns-lookup.js';
import { DirectResources } from '../../../src/sending/transports/direct/direct-resources.js';
import { MtaStsPolicyRepository } from '../../../src/sending/transports/direct/mta-sts-policy.repository.js';
import { SourceAddressUseRepository } from '../../../src/sending/transports/direct/source-address-use.repository.js';
import { ProviderMinuteRepository } from '../../../src/sending/scorecard/provider-minute.repository.js';
import { ScorecardMetrics } from '../../../src/sending/scorecard/scorecard-metrics.js';
import { Scorekeeper } from '../../../src/sending/scorecard/scorekeeper.js';
import { SandboxMailRepository } from '../../../src/sending/transports/sandbox/sandbox-mail.repository.js';
import { SandboxTransport } from '../../../src/sending/transports/sandbox/sandbox-transport.js';
import { Transports } from '../../../src/sending/transports/transports.js';
import { openDirectory } from '../providers/directory.js';
import { Metrics } from '../../../src/telemetry/metrics.js';

/** Everything one worker process is made of. */
export interface WorkerRig {
  readonly pools: Pools;
  readonly signals: Signals;
  readonly jobs: SendJobRepository;
  readonly sweeper: QueueSweeper;
  readonly live: LiveWorkers;
  readonly metrics: Metrics;
  start(): void;
  stop(): Promise<void>;
}

function directResources(pools: Pools, config: Config): DirectResources {
  return new DirectResources(
    new DnsLookup(config),
    new MtaStsPolicyRepository(pools),
    new SourceAddressUseRepository(pools),
  );
}

export function openWorker(url: string, settings: Partial<Config> = {}): WorkerRig {
  const config: Config = { ...configSchema.parse({}), smtpTls: 'off', shutdownTimeoutMs: 5000, ...settings };
  const pools = new Pools(url, config);
  const signals = new Signals(url);
  const metrics = new Metrics();
  const jobs = new SendJobRepository(pools, config);
  const leases = new LeaseKeeper(jobs, config);
  const recorder = new EventRecorder(signals);
  const writer = new OutcomeWriter(pools, jobs, recorder, signals);
  const sandbox = new SandboxTransport(new SandboxMailRepository(pools, config), config);
  const directory = openDirectory(pools, signals, config);
  const transports = new Transports(directory, sandbox, directResources(pools, config), config);
  const numbers = new DeliveryMetrics(metrics);
  const keys = new ActiveKeyRepository(pools);
  const domains = new VerifiedDomains(keys, signals);
  const signer = new DkimSigner(domains, new DkimKeyRing(keys, new Sealer(config)), metrics);
  const contents = new MessageContentRepository();
  const loader = new JobLoader(pools, jobs, contents);
  const paceRows = new PaceRepository(pools);
  const paces = new Paces(paceRows, signals);
  const workers = new LiveWorkers(pools);
  const quotas = new ProviderQuotas(new DailyQuota(pools));
  const learner = new PaceLearner(paces, workers);
  const pacer = new Pacer(paces, new RateTokens(pools), quotas, workers, learner, config);
  const scores = new Scorekeeper(new ProviderMinuteRepository(pools), new ScorecardMetrics(metrics));
  const taker = new WayTaker(
    new WayFinder(directory, transports),
    pacer,
    new HandOver(signer, new SenderIdentities(domains, config)),
    numbers,
    scores,
  );
  const deliverer = new MessageDeliverer(loader, taker, leases, writer, numbers, pacer);
  const pauses = new LanePauses(pools, signals);
  const recaller = new JobRecaller(paces, jobs, signals, directory, pacer);
  const prober = new ProviderProber(transports, paces, learner, new RateTokens(pools), quotas);
  const lanes = new LaneRunners(jobs, deliverer, pauses, pacer, config);
  const worker = new DeliveryWorker(lanes, writer, leases, transports, signals, config);
  let started = false;
  return {
    pools,
    signals,
    jobs,
    metrics,
    live: workers,
    sweeper: new QueueSweeper(pools, numbers),
    start() {
      started = true;
      void signals.onModuleInit();
      void Promise.all([paces, workers, pauses].map((part) => part.onApplicationBootstrap()));
      recaller.onApplicationBootstrap();
      prober.onApplicationBootstrap();
      worker.onApplicationBootstrap();
    },
    async stop() {
      if (started) await worker.beforeApplicationShutdown();
      await Promise.all([paces, pauses, recaller, prober, workers].map((part) => part.onApplicationShutdown()));
      await signals.onApplicationShutdown();
      await pools.close();
    },
  };
}

/** Takes the transactional mail of a tenant as a worker does that vanishes with it. */
export function claimAll(jobs: SendJobRepository, { tenantId }: Principal): ReturnType<SendJobRepository['claim']> {
  return jobs.claim({
    lane: 'TRANSACTIONAL',
    tenants: [tenantId],
    watermarks: ['-infinity'],
    perTenant: 10,
    limit: 10,
    lease: '00000000-0000-4000-8000-000000000000',
  });
}

/** The recipient's row of a message with one recipient, with its job if there is one. */
export async function recipientOf(pools: Pools, messageId: string): Promise<Record<string, unknown>> {
  const { rows } = await pools.main.query<Record<string, unknown>>(
    `select r.status, r.attempts, r.reason, r.smtp_code, r.enhanced_code, r.reply, j.run_at, j.lease, j.attempt
       from recipient r left join send_job j using (tenant_id, message_id, n) where r.message_id = $1`,
    [messageId],
  );
  return rows[0] ?? {};
}

/** The types of the message's events, in their order. */
export async function eventsOf(pools: Pools, messageId: string): Promise<number[]> {
  const { rows } = await pools.main.query<{ type: number }>(
    'select type from delivery_event where message_id = $1 order by tx, id',
    [messageId],
  );
  return rows.map((row) => row.type);
}
