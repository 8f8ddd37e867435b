import { createLiveKey } from '../bench/graphql-client.ts';
import type { NextHop } from '../bench/next-hop.ts';
import { ServiceProcess } from '../bench/service-process.ts';
import { type KillableDatabase, type Volume, rowsOf } from './killable-database.ts';
import { until } from './until.ts';

export type Role = 'api' | 'worker';

/**
 * What is killed. `connections`: some are ended by the server, as by an operator or a network fault;
 * `backend`: one process of the server is killed, which makes it end all connections and recover;
 * `database`: the server itself; `everything`: the server and all services, as in a power cut, and the
 * services are started while the server recovers.
 */
export const VICTIMS = ['api', 'worker', 'connections', 'backend', 'database', 'everything'] as const;

/**
 * What else happens. `calm`: nothing, for several leases. `freeze`: a worker is stopped for longer than
 * its lease (SIGSTOP), as by a machine that is moved, and goes on. `stop api`, `stop worker`: it is asked
 * to end (SIGTERM) and replaced. `data full`, `WAL full`: there is no room left on that volume for a while.
 */
export type Blow = (typeof VICTIMS)[number] | 'calm' | 'freeze' | 'stop api' | 'stop worker' | 'data full' | 'WAL full';

const ROLES: readonly Role[] = ['api', 'api', 'worker', 'worker'];
const BACK_WITHIN_MS = 60_000;
/** Short, so that what a killed worker held is taken up while the test still runs. */
const LEASE_MS = 3000;

const BUSIEST_CONNECTIONS = `
select pid from pg_stat_activity
 where pid <> pg_backend_pid() and backend_type = 'client backend'
 order by (state = 'active') desc, random() limit`;

/** Of the process with that role and place among all four. */
export type SettingsOf = (role: Role, place: number) => Readonly<Record<string, string>>;

interface Place {
  readonly role: Role;
  readonly settings: Readonly<Record<string, string>>;
  service: ServiceProcess;
}

/** Two api and two worker processes on one database, each of which can be killed at any moment. */
export class Cluster {
  readonly key: string;
  /** Processes that ended although nobody had killed them. */
  readonly fallen: string[] = [];
  private readonly database: KillableDatabase;
  private readonly places: Place[];
  private readonly doomed = new Set<ServiceProcess>();

  private constructor(database: KillableDatabase, places: Place[], key: string) {
    this.database = database;
    this.places = places;
    this.key = key;
    for (const place of places) this.watch(place);
  }

  static async start(database: KillableDatabase, hop: NextHop, settingsOf: SettingsOf): Promise<Cluster> {
    const shared = {
      POSTERN_DATABASE_URL: database.url,
      POSTERN_SMTP_URL: `smtp://127.0.0.1:${hop.port}`,
      POSTERN_SMTP_TLS: 'off',
      POSTERN_LEASE_MS: String(LEASE_MS),
      POSTERN_LOG_LEVEL: 'fatal',
    };
    // All at once, as a deployment does; only one of them is given the first key.
    const places = await Promise.all(
      ROLES.map(async (role, place): Promise<Place> => {
        const settings = { ...shared, POSTERN_ROLE: role, ...settingsOf(role, place) };
        return { role, settings, service: await ServiceProcess.start(settings) };
      }),
    );
    const first = places.find(({ service }) => service.ready.testKey !== undefined)?.service.ready;
    if (first?.testKey === undefined) throw new Error('none of the processes printed a key');
    return new Cluster(database, places, await createLiveKey(first.graphql, first.testKey));
  }

  /** The address of any of the api processes. */
  anyApi(): string {
    return this.any('api').service.ready.graphql;
  }

  /** Does it to one of the kind; resolves when everything stands again. */
  strike(blow: Blow): Promise<void> {
    switch (blow) {
      case 'api':
      case 'worker':
        return this.killProcess(blow);
      case 'connections':
        return this.endConnections();
      case 'backend':
        return this.killBackend();
      case 'database':
        return this.killDatabase();
      case 'everything':
        return this.killEverything();
      case 'calm':
        return pause(LEASE_MS * 3);
      case 'freeze':
        return freeze(this.any('worker').service);
      case 'stop api':
      case 'stop worker':
        return this.replace(this.any(blow === 'stop api' ? 'api' : 'worker'));
      case 'data full':
      case 'WAL full':
        return this.fill(blow === 'data full' ? 'data' : 'WAL');
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

  private async killProcess(role: Role): Promise<void> {
    const place = this.any(role);
    await this.end(place);
    await this.begin(place);
  }

  private async killDatabase(): Promise<void> {
    await this.database.kill();
    await this.database.run();
  }

  private async killEverything(): Promise<void> {
    await Promise.all([this.database.kill(), ...this.places.map((place) => this.end(place))]);
    await Promise.all([this.database.run(), ...this.places.map((place) => this.begin(place))]);
  }

  private async fill(volume: Volume): Promise<void> {
    if (this.database.fill === undefined) throw new Error('the volumes of this database cannot be filled');
    await this.database.fill(volume);
  }

  private async replace(place: Place): Promise<void> {
    const { role, service } = place;
    this.doomed.add(service);
    await service.stop();
    const { exitCode, signalCode } = service.child;
    if (exitCode !== 0) this.fallen.push(`${role} did not end as asked (${exitCode ?? signalCode})`);
    await this.begin(place);
  }

  private async begin(place: Place): Promise<void> {
    place.service = await ServiceProcess.start(place.settings);
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

/** Long enough for others to have taken up, and sent, what it was about to send. */
async function freeze({ child }: ServiceProcess): Promise<void> {
  child.kill('SIGSTOP');
  await pause(LEASE_MS * (1.5 + Math.random()));
  child.kill('SIGCONT');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
