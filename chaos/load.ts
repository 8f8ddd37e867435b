import { ask } from '../bench/graphql-client.ts';
import { recipient } from '../bench/workload.ts';

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id } replayed userErrors { code message } }
}`;

const SEND_BATCH = `mutation ($input: SendMessagesInput!) {
  sendMessages(input: $input) { results { message { id } replayed userErrors { code message } } userErrors { code message } }
}`;

interface Problem {
  readonly code: string;
  readonly message: string;
}

interface Result {
  readonly message: { readonly id: string } | null;
  readonly replayed: boolean;
  readonly userErrors: readonly Problem[];
}

interface BatchAnswer {
  readonly sendMessages: { readonly results: readonly Result[]; readonly userErrors: readonly Problem[] };
}

const BATCH = 20;

/** The key message number `id` is sent under. */
export const keyOf = (id: number): string => `chaos-${id}`;

/** The number in a key. */
export const numberOf = (key: string): number => Number(key.slice('chaos-'.length));

/** One in eight must never be sent twice. */
export const isHold = (id: number): boolean => id % 8 === 0;

/**
 * Callers that never give up on a message: when an answer does not come, nobody knows whether it was
 * accepted, and the same key is sent again until one comes.
 */
export class Load {
  /** Number of each acknowledged message → its id. */
  readonly acknowledged = new Map<number, string>();
  /** Messages whose request left and was not answered at first. */
  unknown = 0;
  resolved = 0;
  /** Unknown ones that turned out to have been accepted the first time. */
  hadBeenAccepted = 0;
  /** Refusals; nothing about these messages deserves one. */
  readonly refusals: string[] = [];
  /** Numbers given out so far. */
  begun = 0;
  private stopping = false;
  private readonly url: () => string;
  private readonly key: string;

  constructor(url: () => string, key: string) {
    this.url = url;
    this.key = key;
  }

  /** Runs until stop() is called; every message begun is acknowledged in the end. One in eight callers sends batches. */
  async run(callers: number, pauseMs: number): Promise<void> {
    const caller = async (_: unknown, self: number): Promise<void> => {
      const size = self % 8 === 7 ? BATCH : 1;
      while (!this.stopping) {
        await this.send(Array.from({ length: size }, () => (this.begun += 1)));
        await pause(pauseMs * size);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
  }

  stop(): void {
    this.stopping = true;
  }

  private async send(ids: readonly number[]): Promise<void> {
    let uncertain = false;
    for (;;) {
      try {
        const results = await this.ask(ids);
        if (uncertain) this.resolved += ids.length;
        for (const [i, id] of ids.entries()) this.take(id, results[i], uncertain);
        return;
      } catch (error) {
        // A connection that was never made carried no request.
        if (!uncertain && !isRefusedConnection(error)) {
          uncertain = true;
          this.unknown += ids.length;
        }
        await pause(50 + Math.random() * 200);
      }
    }
  }

  private take(id: number, result: Result | undefined, uncertain: boolean): void {
    if (result?.message == null) {
      const [problem] = result?.userErrors ?? [];
      this.refusals.push(
        `message ${id}: ${problem === undefined ? 'no answer' : `${problem.code} ${problem.message}`}`,
      );
      return;
    }
    this.acknowledged.set(id, result.message.id);
    if (uncertain && result.replayed) this.hadBeenAccepted += 1;
  }

  private async ask(ids: readonly number[]): Promise<readonly Result[]> {
    const [only] = ids;
    if (ids.length === 1 && only !== undefined) {
      const variables = { input: inputOf(only) };
      return [(await ask<{ sendMessage: Result }>(this.url(), this.key, SEND, variables)).sendMessage];
    }
    const { sendMessages } = await ask<BatchAnswer>(this.url(), this.key, SEND_BATCH, {
      input: { messages: ids.map(inputOf) },
    });
    for (const { code, message } of sendMessages.userErrors) this.refusals.push(`batch: ${code} ${message}`);
    return sendMessages.results;
  }
}

function inputOf(id: number): object {
  return {
    idempotencyKey: keyOf(id),
    from: { address: 'shop@example.com' },
    to: [{ address: recipient(id) }],
    subject: `Order ${id}`,
    content: { inline: { text: `Your order ${id} is on its way.` } },
    inDoubt: isHold(id) ? 'HOLD' : 'RESEND',
  };
}

function isRefusedConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
