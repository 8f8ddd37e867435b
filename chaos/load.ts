import { ask } from '../bench/graphql-client.ts';
import { recipient } from '../bench/workload.ts';

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id } replayed userErrors { code message } }
}`;

interface Sent {
  readonly sendMessage: {
    readonly message: { readonly id: string } | null;
    readonly replayed: boolean;
    readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  };
}

/**
 * Callers that never give up on a message: when an answer does not come, nobody knows whether it was
 * accepted, and the same key is sent again until one comes.
 */
export class Load {
  /** Number of each acknowledged message → its id. */
  readonly acknowledged = new Map<number, string>();
  /** Messages whose first answer got lost. */
  unknown = 0;
  resolved = 0;
  /** Unknown ones that turned out to have been accepted the first time. */
  hadBeenAccepted = 0;
  private next = 1;
  private stopping = false;
  private readonly url: () => string;
  private readonly key: string;

  constructor(url: () => string, key: string) {
    this.url = url;
    this.key = key;
  }

  /** Runs until stop() is called; every message begun is acknowledged in the end. */
  async run(callers: number, pauseMs: number): Promise<void> {
    const caller = async (): Promise<void> => {
      while (!this.stopping) {
        await this.send(this.next++);
        await pause(pauseMs);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
  }

  stop(): void {
    this.stopping = true;
  }

  private async send(id: number): Promise<void> {
    const input = {
      idempotencyKey: `chaos-${id}`,
      from: { address: 'shop@example.com' },
      to: [{ address: recipient(id) }],
      subject: `Order ${id}`,
      content: { inline: { text: `Your order ${id} is on its way.` } },
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { sendMessage } = await ask<Sent>(this.url(), this.key, SEND, { input });
        const [error] = sendMessage.userErrors;
        if (error !== undefined || sendMessage.message === null) throw new Refused(error?.message ?? 'no message');
        this.acknowledged.set(id, sendMessage.message.id);
        if (attempt > 1) this.resolved += 1;
        if (attempt > 1 && sendMessage.replayed) this.hadBeenAccepted += 1;
        return;
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (attempt === 1) this.unknown += 1;
        await pause(50 + Math.random() * 200);
      }
    }
  }
}

class Refused extends Error {}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
