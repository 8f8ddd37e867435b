import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Caller } from './caller.ts';
import { measureRun } from './measure-run.ts';
import type { NextHop } from './next-hop.ts';
import { freePort } from './postgres-server.ts';
import { CALLERS, type Measurement, type Workload, bodies, callAll, recipient } from './workload.ts';

const REDIS = '/usr/bin/redis-server';
const KEY = 'pst_bench_0123456789abcdef0123456789abcdef';
const JOB = { removeOnComplete: true, attempts: 5, backoff: { type: 'exponential', delay: 1000 } };

export const redisInstalled = (): boolean => existsSync(REDIS);

/** Puts messages into the queue, for the caller of that number. */
interface Producer {
  add(messages: readonly unknown[], caller: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * What a team builds without a gateway: a queue on Redis with an append-only file (synced every
 * second, so a power cut may lose a second, unlike the others), and a nodemailer worker with a pool.
 * Filled from within this process, as nobody offers it, or by the same callers as Postern through a
 * thin HTTP endpoint.
 */
export class BullmqSystem {
  readonly name: string;
  private readonly hop: NextHop;
  private readonly children: Readonly<Record<string, ChildProcess>>;
  private readonly producer: Producer;
  private readonly folder: string;
  private nextId = 1;

  private constructor(
    name: string,
    hop: NextHop,
    children: Readonly<Record<string, ChildProcess>>,
    producer: Producer,
    folder: string,
  ) {
    this.name = name;
    this.hop = hop;
    this.children = children;
    this.producer = producer;
    this.folder = folder;
  }

  static async start(hop: NextHop, door: 'in process' | 'HTTP'): Promise<BullmqSystem> {
    const folder = mkdtempSync(join(tmpdir(), 'postern-redis-'));
    const port = await freePort();
    const redis = startRedis(folder, port);
    const queue = new Queue('mail', { connection: { host: '127.0.0.1', port } });
    await queue.waitUntilReady();
    const worker = fork(join(import.meta.dirname, 'bullmq-worker.ts'), [String(port), String(hop.port)]);
    await once(worker, 'message');
    if (door === 'in process') {
      return new BullmqSystem('BullMQ + nodemailer', hop, { redis, worker }, inProcess(queue), folder);
    }
    await queue.close();
    const endpoint = fork(join(import.meta.dirname, 'bullmq-endpoint.ts'), [String(port), KEY]);
    const [url] = (await once(endpoint, 'message')) as [string];
    return new BullmqSystem('BullMQ behind HTTP', hop, { endpoint, redis, worker }, overHttp(url), folder);
  }

  measure(work: Workload): Promise<Measurement> {
    return measureRun({
      system: this.name,
      work,
      hop: this.hop,
      processes: Object.fromEntries(Object.entries(this.children).map(([part, child]) => [part, child.pid ?? 0])),
      load: () => callAll(work, (caller) => this.producer.add(this.messages(work), caller)),
      countOwnCpu: this.children['endpoint'] === undefined,
    });
  }

  async stop(): Promise<void> {
    await this.producer.close();
    for (const child of Object.values(this.children)) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private messages(work: Workload): unknown[] {
    return Array.from({ length: work.batch }, () => this.message(work));
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

function startRedis(folder: string, port: number): ChildProcess {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const durability = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
  return spawn(REDIS, [...args, ...durability], { stdio: 'ignore' });
}

function inProcess(queue: Queue): Producer {
  return {
    add: async (messages) => {
      const [first] = messages;
      if (messages.length === 1) await queue.add('send', first, JOB);
      else await queue.addBulk(messages.map((data) => ({ name: 'send', data, opts: JOB })));
    },
    close: () => queue.close(),
  };
}

function overHttp(url: string): Producer {
  const callers = Array.from({ length: CALLERS }, () => new Caller(`${url}/messages`, KEY));
  return {
    add: async (messages, caller) => {
      await callers[caller]?.post(messages.length === 1 ? messages[0] : messages);
    },
    close: () => {
      for (const caller of callers) caller.close();
      return Promise.resolve();
    },
  };
}
