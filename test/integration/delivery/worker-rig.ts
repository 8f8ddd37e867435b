import { type Config, configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import { Signals } from '../../../src/database/signals.js';
import { EventRecorder } from '../../../src/events/event-recorder.js';
import { MessageContentRepository } from '../../../src/messages/message-content.repository.js';
import { DeliveryMetrics } from '../../../src/sending/delivery/delivery-metrics.js';
import { DeliveryWorker } from '../../../src/sending/delivery/delivery-worker.js';
import { JobLoader } from '../../../src/sending/delivery/job-loader.js';
import { LaneRunners } from '../../../src/sending/delivery/lane-runners.js';
import { LeaseKeeper } from '../../../src/sending/delivery/lease-keeper.js';
import { MessageDeliverer } from '../../../src/sending/delivery/message-deliverer.js';
import { OutcomeWriter } from '../../../src/sending/delivery/outcome-writer.js';
import { QueueSweeper } from '../../../src/sending/delivery/queue-sweeper.js';
import { SendJobRepository } from '../../../src/sending/delivery/send-job.repository.js';
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
  readonly metrics: Metrics;
  start(): void;
  stop(): Promise<void>;
}

export function openWorker(url: string, settings: Partial<Config> = {}): WorkerRig {
  const config: Config = { ...configSchema.parse({}), smtpTls: 'off', shutdownTimeoutMs: 5000, ...settings };
  const pools = new Pools(url, config);
  const signals = new Signals(url);
  const metrics = new Metrics();
  const jobs = new SendJobRepository(pools, config);
  const leases = new LeaseKeeper(jobs, config);
  const recorder = new EventRecorder(signals);
  const writer = new OutcomeWriter(pools, jobs, recorder);
  const sandbox = new SandboxTransport(new SandboxMailRepository(pools, config), config);
  const transports = new Transports(openDirectory(pools, signals, config), sandbox, config);
  const numbers = new DeliveryMetrics(metrics);
  const contents = new MessageContentRepository();
  const loader = new JobLoader(pools, jobs, contents);
  const deliverer = new MessageDeliverer(loader, transports, leases, writer, numbers, config);
  const lanes = new LaneRunners(jobs, deliverer, config);
  const worker = new DeliveryWorker(lanes, writer, leases, transports, signals, config);
  let started = false;
  return {
    pools,
    signals,
    jobs,
    metrics,
    sweeper: new QueueSweeper(pools, numbers),
    start() {
      started = true;
      worker.onApplicationBootstrap();
    },
    async stop() {
      if (started) await worker.beforeApplicationShutdown();
      await signals.onApplicationShutdown();
      await pools.close();
    },
  };
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
