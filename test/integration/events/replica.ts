import { Pools } from '../../../src/database/pools.js';
import { Signals } from '../../../src/database/signals.js';
import { EventHub } from '../../../src/events/event-hub.js';
import { EventLogRepository } from '../../../src/events/event-log.repository.js';
import { EventRecorder } from '../../../src/events/event-recorder.js';
import { EventStreams } from '../../../src/events/event-stream.js';
import { EventTail } from '../../../src/events/event-tail.js';
import { Metrics } from '../../../src/telemetry/metrics.js';

/** The parts of one API process that tell of events, on a given database. */
export class Replica {
  readonly pools: Pools;
  readonly signals: Signals;
  readonly metrics = new Metrics();
  readonly log: EventLogRepository;
  readonly tail: EventTail;
  readonly hub: EventHub;
  readonly streams: EventStreams;
  readonly recorder: EventRecorder;

  private constructor(url: string, subscriptionBuffer: number) {
    this.pools = new Pools(url, { databasePool: 24, workerPool: 4 });
    this.signals = new Signals(url);
    this.log = new EventLogRepository(this.pools);
    this.tail = new EventTail(this.log, this.signals);
    this.hub = new EventHub(this.tail, this.metrics, { role: 'api', subscriptionBuffer });
    this.streams = new EventStreams(this.log, this.hub);
    this.recorder = new EventRecorder(this.signals);
  }

  static async start(url: string, subscriptionBuffer = 1024): Promise<Replica> {
    const replica = new Replica(url, subscriptionBuffer);
    await replica.signals.onModuleInit();
    replica.hub.onApplicationBootstrap();
    return replica;
  }

  async stop(): Promise<void> {
    this.hub.onModuleDestroy();
    await this.tail.beforeApplicationShutdown();
    await this.signals.close();
    await this.pools.close();
    this.metrics.onApplicationShutdown();
  }
}
