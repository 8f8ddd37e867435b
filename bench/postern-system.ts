import { randomBytes } from 'node:crypto';
import { Caller } from './caller.ts';
import { createLiveKey } from './graphql-client.ts';
import { relayAt } from './installation.ts';
import { measureRun } from './measure-run.ts';
import type { NextHop } from './next-hop.ts';
import { PostgresServer } from './postgres-server.ts';
import { ServiceProcess } from './service-process.ts';
import { signEverythingFrom } from './sign-everything.ts';
import { CALLERS, type Measurement, type Workload, bodies, callAll, recipient } from './workload.ts';

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id } userErrors { code message } }
}`;
const SEND_BATCH = `mutation ($input: SendMessagesInput!) {
  sendMessages(input: $input) { results { userErrors { code message } } userErrors { code message } }
}`;

const SENDER_DOMAIN = 'example.com';

/** Postern as a user runs it: GraphQL over HTTP in front, a real PostgreSQL behind, the sink as relay. */
export class PosternSystem {
  readonly name: string;
  private readonly hop: NextHop;
  private readonly postgres: PostgresServer | undefined;
  private readonly processes: readonly ServiceProcess[];
  private readonly callers: readonly Caller[];
  private nextId = 1;

  private constructor(
    name: string,
    hop: NextHop,
    postgres: PostgresServer | undefined,
    processes: readonly ServiceProcess[],
    callers: readonly Caller[],
  ) {
    this.name = name;
    this.hop = hop;
    this.postgres = postgres;
    this.processes = processes;
    this.callers = callers;
  }

  /** One api and one worker process on an installed PostgreSQL. */
  static async start(hop: NextHop, bin: string, signing: 'signed' | 'unsigned'): Promise<PosternSystem> {
    const postgres = await PostgresServer.start(bin);
    const encryption = { POSTERN_ENCRYPTION_KEY: randomBytes(32).toString('base64') };
    const settings = { ...relayAt(hop), ...encryption, POSTERN_DATABASE_URL: postgres.url };
    const api = await ServiceProcess.start({ ...settings, POSTERN_ROLE: 'api' });
    if (signing === 'signed') await signEverythingFrom(SENDER_DOMAIN, api.ready.graphql, testKeyOf(api), postgres.url);
    const worker = await ServiceProcess.start({ ...settings, POSTERN_ROLE: 'worker' });
    const name = signing === 'signed' ? 'Postern, signed (RSA-2048)' : 'Postern';
    return new PosternSystem(name, hop, postgres, [api, worker], await callersOf(api));
  }

  /** One process with the embedded database. */
  static async startEmbedded(hop: NextHop): Promise<PosternSystem> {
    const service = await ServiceProcess.start({ ...relayAt(hop), POSTERN_ROLE: 'all' });
    return new PosternSystem('Postern, embedded database', hop, undefined, [service], await callersOf(service));
  }

  measure(work: Workload): Promise<Measurement> {
    const [first, worker] = this.processes.map(({ pid }) => pid);
    const service = worker === undefined ? { service: first ?? 0 } : { api: first ?? 0, worker };
    return measureRun({
      system: this.name,
      work,
      hop: this.hop,
      processes: this.postgres === undefined ? service : { ...service, postgres: this.postgres.pid },
      load: () => callAll(work, (caller) => this.call(work, caller)),
    });
  }

  async stop(): Promise<void> {
    for (const caller of this.callers) caller.close();
    for (const service of this.processes.toReversed()) await service.stop();
    await this.postgres?.stop();
  }

  private async call(work: Workload, index: number): Promise<void> {
    const caller = this.callers[index];
    if (caller === undefined) return;
    const messages = Array.from({ length: work.batch }, () => this.message(work));
    if (work.batch === 1) {
      const { sendMessage } = await caller.ask<{ sendMessage: Payload }>(SEND, { input: messages[0] });
      refuse(sendMessage.userErrors);
    } else {
      const { sendMessages } = await caller.ask<{ sendMessages: Payload & { results: Payload[] } }>(SEND_BATCH, {
        input: { messages },
      });
      refuse([...sendMessages.userErrors, ...sendMessages.results.flatMap((result) => result.userErrors)]);
    }
  }

  private message(work: Workload): unknown {
    const id = this.nextId;
    this.nextId += 1;
    return {
      idempotencyKey: `bench-${id}`,
      from: { address: `shop@${SENDER_DOMAIN}`, name: 'The Shop' },
      to: [{ address: recipient(id) }],
      subject: `Invoice ${id}`,
      content: { inline: bodies(work.bytes) },
      headers: [
        { name: 'List-Unsubscribe', value: '<https://example.com/u/1>' },
        { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      ],
    };
  }
}

interface Payload {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

function refuse(errors: Payload['userErrors']): void {
  const [first] = errors;
  if (first !== undefined) throw new Error(`${first.code}: ${first.message}`);
}

function testKeyOf({ ready }: ServiceProcess): string {
  if (ready.testKey === undefined) throw new Error('the first process printed no key');
  return ready.testKey;
}

async function callersOf(service: ServiceProcess): Promise<readonly Caller[]> {
  const { graphql } = service.ready;
  const key = await createLiveKey(graphql, testKeyOf(service));
  return Array.from({ length: CALLERS }, () => new Caller(graphql, key));
}
