import { createLiveKey } from '../bench/graphql-client.ts';
import type { NextHop } from '../bench/next-hop.ts';
import { ServiceProcess } from '../bench/service-process.ts';
import { type KillableDatabase, rowsOf } from './killable-database.ts';
import { until } from './until.ts';

type Role = 'api' | 'worker';

/**
 * What is killed. `connections`: some are ended by the server, as by an operator or a network fault;
 * `backend`: one process of the server is killed, which makes it end all connections and recover;
 * `database`: the server itself; `everything`: the server and all services, as in a power cut, and the
 * services are started while the server recovers.
 */
export const VICTIMS = ['api', 'worker', 'connections', 'backend', 'database', 'everything'] as const;

export type Victim = (typeof VICTIMS)[number];

const ROLES: readonly Role[] = ['api', 'api', 'worker', 'worker'];
const BACK_WITHIN_MS = 60_000;

const BUSIEST_CONNECTIONS = `
select pid from pg_stat_activity
 where pid <> pg_backend_pid() and backend_type = 'client backend'
 order by (state = 'active') desc, random() limit`;

interface Place {
  readonly role: Role;
  service: ServiceProcess;
}

/** Two api and two worker processes on one database, each of which can be killed at any moment. */
export class Cluster {
  readonly key: string;
  /** Processes that ended although nobody had killed them. */
  readonly fallen: string[] = [];
  private readonly database: KillableDatabase;
  private readonly settings: Readonly<Record<string, string>>;
  private readonly places: Place[];
  private readonly doomed = new Set<ServiceProcess>();

  private constructor(
    database: KillableDatabase,
    settings: Readonly<Record<string, string>>,
    places: Place[],
    key: string,
  ) {
    this.database = database;
    this.settings = settings;
    this.places = places;
    this.key = key;
    for (const place of places) this.watch(place);
  }

  static async start(database: KillableDatabase, hop: NextHop): Promise<Cluster> {
    const settings = {
      POSTERN_DATABASE_URL: database.url,
      POSTERN_SMTP_URL: `smtp://127.0.0.1:${hop.port}`,
      POSTERN_SMTP_TLS: 'off',
      // Short, so that what a killed worker held is taken up while the test still runs.
      POSTERN_LEASE_MS: '3000',
      POSTERN_LOG_LEVEL: 'fatal',
    };
    // All at once, as a deployment does; only one of them is given the first key.
    const places = await Promise.all(
      ROLES.map(async (role) => ({ role, service: await ServiceProcess.start({ ...settings, POSTERN_ROLE: role }) })),
    );
    const first = places.find(({ service }) => service.ready.testKey !== undefined)?.service.ready;
    if (first?.testKey === undefined) throw new Error('none of the processes printed a key');
    return new Cluster(database, settings, places, await createLiveKey(first.graphql, first.testKey));
  }

  /** The address of any of the api processes. */
  anyApi(): string {
    return this.any('api').service.ready.graphql;
  }

  /** SIGKILL to one of the kind; resolves when it stands again. */
  async kill(victim: Victim): Promise<void> {
    switch (victim) {
      case 'api':
      case 'worker': {
        const place = this.any(victim);
        await this.end(place);
        await this.begin(place);
        break;
      }
      case 'connections':
        await this.endConnections();
        break;
      case 'backend':
        await this.killBackend();
        break;
      case 'database':
        await this.database.kill();
        await this.database.run();
        break;
      case 'everything':
        await Promise.all([this.database.kill(), ...this.places.map((place) => this.end(place))]);
        await Promise.all([this.database.run(), ...this.places.map((place) => this.begin(place))]);
    }
  }

  async stop(): Promise<void> {
    for (const { service } of this.places) this.doomed.add(service);
    await Promise.all(this.places.map(({ service }) => service.stop()));
  }

  private any(role: Role): Place {
    const places = this.places.filter((place) => place.role === role);
    const place = places[Math.floor(Math.random() * places.length)];
    if (place === undefined) throw new Error(`there is no ${role}`);
    return place;
  }

  private async end(place: Place): Promise<void> {
    this.doomed.add(place.service);
    await place.service.kill();
  }

  private async begin(place: Place): Promise<void> {
    place.service = await ServiceProcess.start({ ...this.settings, POSTERN_ROLE: place.role });
    this.watch(place);
  }

  private watch({ role, service }: Place): void {
    service.child.once('exit', (code, signal) => {
      if (!this.doomed.has(service)) this.fallen.push(`${role} ended by itself (${code ?? signal})`);
    });
  }

  private async endConnections(): Promise<void> {
    await rowsOf(this.database.url, `select pg_terminate_backend(pid) from (${BUSIEST_CONNECTIONS} 3) busiest`);
  }

  private async killBackend(): Promise<void> {
    const [row] = await rowsOf<{ pid: number }>(this.database.url, `${BUSIEST_CONNECTIONS} 1`);
    if (row === undefined) throw new Error('nobody is connected to the database');
    process.kill(row.pid, 'SIGKILL');
    await this.backOnline();
  }

  private async backOnline(): Promise<void> {
    const back = await until(async () => (await rowsOf(this.database.url, 'select')).length === 1, BACK_WITHIN_MS);
    if (!back) throw new Error(`the database did not come back within ${BACK_WITHIN_MS} ms`);
  }
}
