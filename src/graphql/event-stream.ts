import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FormattedExecutionResult, GraphQLError } from 'graphql';
import { asGraphqlError, type SubscriptionResult } from './subscription-results.js';

const PING_EVERY_MS = 12_000;

/** A dead peer answers no ping here: one that takes nothing for so long is cut off. */
const STALLED_AFTER_MS = 30_000;

/** One response of server-sent events that never gets ahead of its reader. */
export class EventStream {
  private readonly closed: Promise<unknown>;
  private readonly stop = Promise.withResolvers<'stopped'>();
  private ended = false;
  private farewell: GraphQLError | undefined;

  constructor(
    private readonly response: ServerResponse,
    requestId: string | undefined,
  ) {
    this.closed = new Promise((resolve) => response.once('close', resolve));
    response.on('error', () => undefined);
    response.once('close', () => this.stop.resolve('stopped'));
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Some proxies hold answers back until they are complete.
      'x-accel-buffering': 'no',
      ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
    });
    // Some browsers report the stream as open only after its first byte.
    response.write(':\n\n');
  }

  /** Bytes written that the client has not taken. */
  get buffered(): number {
    return this.response.writableLength;
  }

  /** Ends the stream with an error the client can resume after. */
  end(farewell: GraphQLError): void {
    this.farewell ??= farewell;
    this.stop.resolve('stopped');
  }

  destroy(): void {
    this.response.destroy();
  }

  /** Sends results until they end, the client leaves or the stream is ended; the source is closed in any case. */
  async deliver(
    results: AsyncGenerator<SubscriptionResult, void, void>,
    format: (result: SubscriptionResult) => FormattedExecutionResult,
  ): Promise<void> {
    const ping = setInterval(() => {
      if (!this.response.writableNeedDrain) this.response.write(':\n\n');
    }, PING_EVERY_MS);
    try {
      for (;;) {
        const step = await Promise.race([results.next(), this.stop.promise]);
        if (step === 'stopped' || step.done === true) break;
        await this.write('next', format(step.value));
        // A source that is always ready would keep the process from noticing that nobody reads.
        if (this.response.destroyed) break;
      }
    } catch (error) {
      await this.write('next', format({ errors: [asGraphqlError(error)] }));
    } finally {
      clearInterval(ping);
    }
    // Waiting events may take their time to notice; the client need not wait for that.
    results.return().catch(() => undefined);
    await this.finish(format);
  }

  private async finish(format: (result: SubscriptionResult) => FormattedExecutionResult): Promise<void> {
    if (this.ended || this.response.destroyed) return;
    this.ended = true;
    if (this.farewell !== undefined) await this.write('next', format({ errors: [this.farewell] }));
    await this.write('complete', undefined);
    this.response.end();
    await this.closed;
  }

  private async write(event: 'next' | 'complete', data: FormattedExecutionResult | undefined): Promise<void> {
    if (this.response.destroyed) return;
    const text = `event: ${event}\ndata: ${data === undefined ? '' : JSON.stringify(data)}\n\n`;
    if (this.response.write(text)) return;
    const stalled = setTimeout(() => this.response.destroy(), STALLED_AFTER_MS);
    await Promise.race([once(this.response, 'drain').catch(() => undefined), this.closed]);
    clearTimeout(stalled);
  }
}
