import { Caller } from './caller.ts';

/** A server may close an idle connection just when it is used again; the key makes asking twice safe. */
const MOST_TRIES = 3;

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id } userErrors { code message } }
}`;

interface Answer {
  readonly sendMessage: { readonly userErrors: readonly { readonly code: string; readonly message: string }[] };
}

/** One message of a steady load. */
export interface SteadyMail {
  /** What the sink counts it by. */
  readonly id: number;
  readonly domain: string;
  readonly lane: string;
}

/** The address the sink counts the mail by. */
export const addressOf = ({ id, domain }: Pick<SteadyMail, 'id' | 'domain'>): string => `${id}b@${domain}`;

/**
 * Sends one message every so many milliseconds, whether or not the ones before are answered: a service
 * that is slow is not spared the rest.
 */
export class SteadySender {
  private readonly idle: Caller[] = [];
  private readonly all: Caller[] = [];
  private readonly url: string;
  private readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  /** Goes on while `next` gives a mail; when the request for each began, in milliseconds since the epoch. */
  async run(everyMs: number, next: () => SteadyMail | undefined): Promise<Map<number, number>> {
    const begun = new Map<number, number>();
    const calls: Promise<void>[] = [];
    let failed: unknown;
    const start = performance.now();
    for (let n = 0, mail = next(); mail !== undefined; n += 1, mail = next()) {
      const wait = start + n * everyMs - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      begun.set(mail.id, performance.timeOrigin + performance.now());
      calls.push(this.send(mail).catch((error: unknown) => void (failed ??= error)));
      if (failed !== undefined) break;
    }
    await Promise.all(calls);
    if (failed !== undefined) throw failed;
    return begun;
  }

  close(): void {
    for (const caller of this.all) caller.close();
  }

  private async send(mail: SteadyMail): Promise<void> {
    const caller = this.idle.pop() ?? this.connect();
    const input = {
      idempotencyKey: `steady-${mail.id}`,
      from: { address: 'shop@example.com' },
      to: [{ address: addressOf(mail) }],
      subject: `Number ${mail.id}`,
      content: { inline: { text: `This is mail number ${mail.id}.` } },
      lane: mail.lane,
    };
    const { sendMessage } = await ask(caller, input);
    this.idle.push(caller);
    const [problem] = sendMessage.userErrors;
    if (problem !== undefined) throw new Error(`${problem.code}: ${problem.message}`);
  }

  private connect(): Caller {
    const caller = new Caller(this.url, this.key);
    this.all.push(caller);
    return caller;
  }
}

async function ask(caller: Caller, input: unknown): Promise<Answer> {
  for (let left = MOST_TRIES - 1; ; left -= 1) {
    try {
      return await caller.ask<Answer>(SEND, { input });
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
