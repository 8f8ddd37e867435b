import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { CONFIG, type Config } from '../config/config.js';
import { DATABASE_URL } from './database-url.js';
import type { Transaction } from './transaction.js';
import { UnknownCommitOutcome, isLostConnection } from './unknown-commit-outcome.js';

/** An acknowledgement follows a commit that is on disk, whatever the server's default is. */
const DURABLE = '-c synchronous_commit=on';

/**
 * Plans made while the queue is empty scan it and are kept: claims fell from 13,000 to 500 jobs/s in
 * 15 s. Never join two CTEs on this pool: without hash joins that is a nested loop. With the plan
 * fixed like this there is nothing to gain from making it again each time, which took a third of the
 * server's time for a batch of outcomes.
 */
const QUEUE_PLANS =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off -c jit=off -c random_page_cost=1.1 -c plan_cache_mode=force_generic_plan';

const CONNECT_WITHIN_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 30_000;

/**
 * The connections to the database. bigint comes as a string, timestamptz as a Date, uuid as a
 * string, json parsed.
 */
@Injectable()
export class Pools implements OnApplicationShutdown {
  /** For accepting and answering. */
  readonly main: pg.Pool;
  /** For claiming and completing jobs. */
  readonly queue: pg.Pool;

  private readonly logger = new Logger(Pools.name);
  private closed: Promise<void> | undefined;

  constructor(@Inject(DATABASE_URL) url: string, @Inject(CONFIG) config: Pick<Config, 'databasePool' | 'workerPool'>) {
    this.main = this.open(url, 'postern', config.databasePool, DURABLE);
    this.queue = this.open(url, 'postern-queue', config.workerPool, `${DURABLE} ${QUEUE_PLANS}`);
  }

  /**
   * Runs the work in one transaction on one connection. Whatever the work throws rolls it back and
   * is thrown on. Throws UnknownCommitOutcome when nobody can tell whether it was committed.
   */
  async transaction<T>(pool: pg.Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let unusable: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(client);
      await commit(client);
      return result;
    } catch (error) {
      unusable = await rolledBack(client, error);
      throw error;
    } finally {
      client.release(unusable);
    }
  }

  /** Waits for the connections in use, then closes all. */
  async close(): Promise<void> {
    this.closed ??= Promise.all([this.main.end(), this.queue.end()]).then(() => undefined);
    await this.closed;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private open(url: string, name: string, max: number, options: string): pg.Pool {
    const pool = new pg.Pool({
      connectionString: url,
      application_name: name,
      max,
      options,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    pool.on('error', (error) => {
      // A pool has ended before the server has read its goodbyes: one that stops right then is no news.
      if (this.closed === undefined) this.logger.warn(`an idle connection of pool ${name} was lost: ${codeOf(error)}`);
    });
    // The pool listens only while a client is idle; one that is lost between two statements of a
    // transaction would end the process. Its next statement fails anyway.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  let warning: string | undefined;
  // A synchronous standby that was not waited for is told by a warning only.
  const onNotice = (notice: { severity?: string | undefined; message?: string | undefined }): void => {
    if (notice.severity === 'WARNING') warning = notice.message;
  };
  client.on('notice', onNotice);
  let command: string;
  try {
    ({ command } = await client.query('commit'));
  } catch (error) {
    throw isLostConnection(error) ? new UnknownCommitOutcome(error) : error;
  } finally {
    client.off('notice', onNotice);
  }
  if (warning !== undefined) throw new UnknownCommitOutcome(new Error(warning));
  if (command !== 'COMMIT')
    throw new Error('the transaction was rolled back, because one of its statements had failed');
}

/** Returns why the connection must not be used again, if so. */
async function rolledBack(client: pg.PoolClient, error: unknown): Promise<Error | undefined> {
  if (error instanceof UnknownCommitOutcome) return error;
  try {
    await client.query('rollback');
    return undefined;
  } catch (failure) {
    return failure instanceof Error ? failure : new Error(String(failure));
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
