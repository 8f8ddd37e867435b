import pg from 'pg';
import { createLiveKey } from './graphql-client.ts';
import type { NextHop } from './next-hop.ts';
import { PostgresServer, installedPostgres } from './postgres-server.ts';
import { ServiceProcess } from './service-process.ts';

type Settings = Readonly<Record<string, string>>;

/** The relay at the sink, as the services are told about it. */
export function relayAt(hop: NextHop): Settings {
  return {
    POSTERN_SMTP_URL: `smtp://127.0.0.1:${hop.port}`,
    POSTERN_SMTP_TLS: 'off',
    POSTERN_SMTP_MESSAGES_PER_CONNECTION: '100000',
  };
}

/** A database of its own, one process that accepts, and one that delivers and can be away. */
export class Installation {
  readonly url: string;
  readonly key: string;
  private readonly postgres: PostgresServer;
  private readonly api: ServiceProcess;
  private readonly settings: Settings;
  private worker: ServiceProcess | undefined;

  private constructor(postgres: PostgresServer, api: ServiceProcess, settings: Settings, key: string) {
    this.postgres = postgres;
    this.api = api;
    this.settings = settings;
    this.url = api.ready.graphql;
    this.key = key;
  }

  static async start(settings: Settings): Promise<Installation> {
    const bin = installedPostgres();
    if (bin === undefined) throw new Error('These measurements need an installed PostgreSQL.');
    const postgres = await PostgresServer.start(bin);
    const all = { ...settings, POSTERN_DATABASE_URL: postgres.url };
    const api = await ServiceProcess.start({ ...all, POSTERN_ROLE: 'api' });
    if (api.ready.testKey === undefined) throw new Error('the first process printed no key');
    return new Installation(postgres, api, all, await createLiveKey(api.ready.graphql, api.ready.testKey));
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  /** Processes whose CPU, with that of their descendants, belongs to the system. */
  get pids(): readonly number[] {
    return [this.api.pid, this.postgres.pid, ...(this.worker === undefined ? [] : [this.worker.pid])];
  }

  async startWorker(): Promise<void> {
    this.worker ??= await ServiceProcess.start({ ...this.settings, POSTERN_ROLE: 'worker' });
  }

  async stopWorker(): Promise<void> {
    await this.worker?.stop();
    this.worker = undefined;
  }

  /** The rows of statements that follow each other on one connection; those of the last. */
  async query<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    const client = new pg.Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      return (await client.query<R>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await this.stopWorker();
    await this.api.stop();
    await this.postgres.stop();
  }
}
