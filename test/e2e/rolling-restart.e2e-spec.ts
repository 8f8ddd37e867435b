import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { StreamFollower } from '../support/follow.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import { SmtpSink } from '../support/smtp-sink.js';
import type { RunningPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

const CALLERS = 8;
const RESTARTS = 4;

let sink: SmtpSink;
let cluster: Cluster;
let key: string;

beforeAll(async () => {
  sink = await SmtpSink.start({ delayMs: 20 });
  cluster = await Cluster.create({
    POSTERN_SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
    // As behind a balancer: go on serving until its next look at /readyz.
    POSTERN_DRAIN_DELAY_MS: '1000',
  });
}, 60_000);

afterAll(async () => {
  await cluster.end();
  await sink.close();
}, 30_000);

/** Sends each request to a replica whose last probe went well, as a load balancer does. */
class Balancer {
  private readonly ready = new Set<string>();
  private readonly probing: Promise<void>[] = [];
  private stopping = false;
  private turn = 0;

  async add({ url }: RunningPostern): Promise<void> {
    this.probing.push(this.probe(url));
    await waitFor(() => this.ready.has(url));
  }

  get next(): string {
    this.turn += 1;
    return [...this.ready][this.turn % this.ready.size] ?? '';
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.probing);
  }

  /** Until it is gone. */
  private async probe(url: string): Promise<void> {
    while (!this.stopping) {
      const status = await fetch(`${url}/readyz`).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) this.ready.add(url);
      else this.ready.delete(url);
      if (status === 0) return;
      await pause(50);
    }
  }
}

/** Callers that each send one message after the other; what fails is told, and sent again with its key. */
class Callers {
  acknowledged = 0;
  readonly failures: string[] = [];
  private stopping = false;
  private running: Promise<unknown> | undefined;

  constructor(
    private readonly balancer: Balancer,
    private readonly key: string,
  ) {}

  start(): void {
    this.running = Promise.all(Array.from({ length: CALLERS }, (_, caller) => this.call(caller)));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async call(caller: number): Promise<void> {
    for (let n = 0; !this.stopping; n += 1) {
      const to = `person-${caller}-${n}@example.com`;
      while (!(await this.send(to)));
      await pause(10);
    }
  }

  private async send(to: string): Promise<boolean> {
    try {
      await new PosternClient(this.balancer.next, this.key).accepted(mailTo(to, { idempotencyKey: to }));
      this.acknowledged += 1;
      return true;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      this.failures.push(`${String(error)} ${String(cause)}`);
      return false;
    }
  }
}

/** A subscriber that goes on from its last cursor, at another replica, whenever one sends it away. */
class Subscriber {
  readonly followers: StreamFollower[] = [];
  private stopping = false;
  private following: Promise<void> | undefined;

  constructor(private readonly balancer: Balancer) {}

  get ids(): string[] {
    return this.followers.flatMap(({ ids }) => ids);
  }

  async start(): Promise<void> {
    this.following = this.follow();
    await waitFor(() => this.followers[0]?.items.length === 1);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.following;
  }

  private async follow(): Promise<void> {
    let after: string | undefined;
    while (!this.stopping) {
      const follower = await StreamFollower.open(new PosternClient(this.balancer.next, key), { after });
      this.followers.push(follower);
      await waitFor(() => follower.closed || this.stopping, { timeoutMs: 60_000 });
      await follower.stop();
      after = follower.cursor ?? after;
    }
  }
}

describe('a rolling restart under load', () => {
  it('loses nothing, doubles nothing, fails no request, and no subscriber misses anything', async () => {
    const replicas = [...(await cluster.start('all', 'all'))];
    key = (await cluster.admin(replicas[0]?.url ?? '').createKey('LIVE')).secret;
    const balancer = new Balancer();
    for (const replica of replicas) await balancer.add(replica);
    const subscriber = new Subscriber(balancer);
    await subscriber.start();
    const callers = new Callers(balancer, key);
    callers.start();

    for (let restart = 0; restart < RESTARTS; restart += 1) {
      const [replacement] = await cluster.start('all');
      await balancer.add(replacement);
      replicas.push(replacement);
      const oldest = replicas.shift();
      expect(oldest && (await cluster.stop(oldest))).toBe(0);
    }
    await callers.stop();
    const { acknowledged } = callers;
    await waitFor(() => sink.accepted >= acknowledged, { timeoutMs: 20_000 });
    // Accepted and handed off, each told once.
    await waitFor(() => subscriber.ids.length >= 2 * acknowledged, { timeoutMs: 20_000 });
    await subscriber.stop();
    await balancer.stop();

    expect(callers.failures).toEqual([]);
    expect(acknowledged).toBeGreaterThan(100);
    expect(sink.accepted).toBe(acknowledged);
    expect(sink.perRecipient.size).toBe(acknowledged);
    expect(subscriber.followers.length).toBeGreaterThan(1);
    expect(subscriber.ids).toHaveLength(2 * acknowledged);
    expect(new Set(subscriber.ids).size).toBe(2 * acknowledged);
  }, 120_000);
});
