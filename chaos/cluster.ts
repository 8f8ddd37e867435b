import pg from 'pg';
import { createLiveKey } from '../bench/graphql-client.ts';
import type { NextHop } from '../bench/next-hop.ts';
import { ServiceProcess } from '../bench/service-process.ts';

/** The database as chaos needs it: one that can be killed and comes back on its data. */
export interface KillableDatabase {
  readonly url: string;
  kill(): Promise<void>;
  run(): Promise<void>;
  stop(): Promise<void>;
}

type Role = 'api' | 'worker';

export const VICTIMS = ['api', 'worker', 'backend', 'database'] as const;

export type Victim = (typeof VICTIMS)[number];

/** Two api and two worker processes on one database, each of which can be killed at any moment. */
export class Cluster {
  readonly key: string;
  private readonly database: KillableDatabase;
  private readonly settings: Readonly<Record<string, string>>;
  private readonly services: { role: Role; service: ServiceProcess }[];

  private constructor(
    database: KillableDatabase,
    settings: Readonly<Record<string, string>>,
    services: { role: Role; service: ServiceProcess }[],
    key: string,
  ) {
    this.database = database;
    this.settings = settings;
    this.services = services;
    this.key = key;
  }

  static async start(database: KillableDatabase, hop: NextHop): Promise<Cluster> {
    const settings = {
      POSTERN_DATABASE_URL: database.url,
      POSTERN_SMTP_URL: `smtp://127.0.0.1:${hop.port}`,
      POSTERN_SMTP_TLS: 'off',
      // Short, so that what a killed worker held is taken up while the test still runs.
      POSTERN_LEASE_MS: '3000',
      POSTERN_LOG_LEVEL: 'silent',
    };
    const services: { role: Role; service: ServiceProcess }[] = [];
    for (const role of ['api', 'api', 'worker', 'worker'] as const) {
      services.push({ role, service: await ServiceProcess.start({ ...settings, POSTERN_ROLE: role }) });
    }
    const first = services[0]?.service.ready;
    if (first?.testKey === undefined) throw new Error('the first process printed no key');
    return new Cluster(database, settings, services, await createLiveKey(first.graphql, first.testKey));
  }

  /** The address of any of the api processes. */
  anyApi(): string {
    const apis = this.services.filter(({ role }) => role === 'api');
    return apis[Math.floor(Math.random() * apis.length)]?.service.ready.graphql ?? '';
  }

  /** SIGKILL to one of the kind; resolves when it stands again. */
  async kill(victim: Victim): Promise<void> {
    if (victim === 'database') {
      await this.database.kill();
      await this.database.run();
    } else if (victim === 'backend') await this.killBackend();
    else await this.killService(victim);
  }

  /** Jobs nobody has finished yet. */
  async pending(): Promise<number> {
    return this.query('select count(*)::int as n from send_job');
  }

  /** Messages the ledger holds. */
  async ledger(): Promise<number> {
    return this.query('select count(*)::int as n from message');
  }

  /** Attempts labelled as perhaps sent: in doubt, or lost with their worker. */
  async labelled(): Promise<number> {
    return this.query(`select count(*)::int as n from attempt where outcome in ('LOST', 'IN_DOUBT')`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map(({ service }) => service.stop()));
  }

  private async killService(role: Role): Promise<void> {
    const places = this.services.filter((place) => place.role === role);
    const place = places[Math.floor(Math.random() * places.length)];
    if (place === undefined) return;
    await place.service.kill();
    place.service = await ServiceProcess.start({ ...this.settings, POSTERN_ROLE: role });
  }

  /** Ends a connection in the middle of whatever it does, as a network fault or an operator would. */
  private async killBackend(): Promise<void> {
    await this.query(
      `select count(pg_terminate_backend(pid))::int as n
         from (select pid from pg_stat_activity
                where pid <> pg_backend_pid() and backend_type = 'client backend'
                order by (state = 'active') desc, random() limit 3) as some`,
    );
  }

  private async query(text: string): Promise<number> {
    const client = new pg.Client({ connectionString: this.database.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<{ n: number }>(text);
      return rows[0]?.n ?? 0;
    } finally {
      await client.end();
    }
  }
}
