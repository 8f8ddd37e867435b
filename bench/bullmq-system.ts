import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { measureRun } from './measure-run.ts';
import type { NextHop } from './next-hop.ts';
import { freePort } from './postgres-server.ts';
import { type Measurement, type Workload, bodies, callAll, recipient } from './workload.ts';

const REDIS = '/usr/bin/redis-server';

export const redisInstalled = (): boolean => existsSync(REDIS);

/**
 * What a team builds without a gateway: a queue on Redis with an append-only file (synced every
 * second, so a power cut may lose a second, unlike the others), and a nodemailer worker with a pool.
 */
export class BullmqSystem {
  readonly name = 'BullMQ + nodemailer';
  private readonly hop: NextHop;
  private readonly redis: ChildProcess;
  private readonly worker: ChildProcess;
  private readonly queue: Queue;
  private readonly folder: string;
  private nextId = 1;

  private constructor(hop: NextHop, redis: ChildProcess, worker: ChildProcess, queue: Queue, folder: string) {
    this.hop = hop;
    this.redis = redis;
    this.worker = worker;
    this.queue = queue;
    this.folder = folder;
  }

  static async start(hop: NextHop): Promise<BullmqSystem> {
    const folder = mkdtempSync(join(tmpdir(), 'postern-redis-'));
    const port = await freePort();
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--appendfsync',
      'everysec',
      '--save',
      '',
    ];
    const redis = spawn(REDIS, args, { stdio: 'ignore' });
    const queue = new Queue('mail', { connection: { host: '127.0.0.1', port } });
    await queue.waitUntilReady();
    const worker = fork(join(import.meta.dirname, 'bullmq-worker.ts'), [String(port), String(hop.port)]);
    await once(worker, 'message');
    return new BullmqSystem(hop, redis, worker, queue, folder);
  }

  measure(work: Workload): Promise<Measurement> {
    return measureRun({
      system: this.name,
      work,
      hop: this.hop,
      processes: [this.redis.pid ?? 0, this.worker.pid ?? 0],
      load: () => callAll(work, () => this.add(work)),
      countOwnCpu: true,
    });
  }

  async stop(): Promise<void> {
    await this.queue.close();
    for (const child of [this.worker, this.redis]) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async add(work: Workload): Promise<void> {
    const opts = { removeOnComplete: true, attempts: 5, backoff: { type: 'exponential', delay: 1000 } };
    const jobs = Array.from({ length: work.batch }, () => ({ name: 'send', data: this.message(work), opts }));
    const [first] = jobs;
    if (jobs.length === 1 && first !== undefined) await this.queue.add(first.name, first.data, first.opts);
    else await this.queue.addBulk(jobs);
  }

  private message(work: Workload): unknown {
    const id = this.nextId;
    this.nextId += 1;
    return {
      from: 'The Shop <shop@example.com>',
      to: recipient(id),
      subject: `Invoice ${id}`,
      ...bodies(work.bytes),
      headers: {
        'List-Unsubscribe': '<https://example.com/u/1>',
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    };
  }
}
