import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { checkVersion, NAME, urlOf } from './cluster.js';
import { openDataDir, readIfThere, writeOwned } from './data-folder.js';
import { EmbeddedDatabaseError, USE_OWN_DATABASE } from './embedded-database-error.js';
import { freePort, isFree } from './free-port.js';
import { findBinaries } from './platform-binaries.js';
import { isAlive } from './postmaster-pid.js';
import { findRunning } from './running-server.js';
import { ServerProcess } from './server-process.js';
import { prepareSite, type Site } from './site.js';

/** What a caller may choose. */
export interface EmbeddedOptions {
  /** Told the rare things an operator should know. */
  readonly log?: (line: string) => void;
  /** More `name=value` settings of the server. For tests only: the service's own settings are durable ones. */
  readonly testSettings?: readonly string[];
}

/** A running embedded database. */
export interface EmbeddedPostgres {
  /** Address of the database, with its password. It stays the same when the server is started again. */
  readonly url: string;
  /** Stops the server if this process started it. */
  stop(): Promise<void>;
}

/** How soon the end of the server is noticed; another process may have owned it. */
const WATCH_EVERY_MS = 500;

/**
 * Starts PostgreSQL on `<dataDir>/pg`, or joins the server another process has started there. Ends
 * with this process. A server that ends before, because it crashed or because its owner stopped, is
 * started again on the same port. Throws EmbeddedDatabaseError when it cannot run here.
 */
export async function startEmbeddedPostgres(dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const home = await openDataDir(dataDir);
  const site = await prepareSite(home, await findBinaries(), log);
  await checkVersion(site.folder, site.binaries);
  const server = new WatchedServer(site, options.testSettings ?? [], log);
  const port = await server.start();
  await createDatabase(await urlOf(site.folder, port, 'postgres'));
  return { url: await urlOf(site.folder, port, NAME), stop: () => server.stop() };
}

class WatchedServer {
  private own: ServerProcess | undefined;
  private pid = 0;
  private port = 0;
  private stopping = false;
  private watching: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly site: Site,
    private readonly testSettings: readonly string[],
    private readonly log: (line: string) => void,
  ) {}

  /** Returns the port. */
  async start(): Promise<number> {
    await this.acquire(true);
    this.timer = setInterval(() => this.watch(), WATCH_EVERY_MS);
    this.timer.unref();
    return this.port;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.watching;
    await this.own?.stop();
  }

  private watch(): void {
    if (this.stopping || this.watching !== undefined || (isAlive(this.pid) && this.own?.hasEnded !== true)) return;
    this.log('the embedded database ended and is started again');
    this.watching = this.acquire(false)
      .catch((error: unknown) => this.log(`the embedded database could not be started again: ${String(error)}`))
      .finally(() => (this.watching = undefined));
  }

  /** Joins a running server or starts one. Of several processes that start at once PostgreSQL lets one through; the others join it. */
  private async acquire(mayMove: boolean): Promise<void> {
    const { folder } = this.site;
    let reason = '';
    for (let attempt = 0; attempt < 4; attempt++) {
      const running = await findRunning(folder);
      if (running !== undefined) {
        [this.pid, this.port, this.own] = [running.pid, running.port, undefined];
        return;
      }
      const port = mayMove ? await this.portToUse() : this.port;
      const started = await ServerProcess.start(this.site, port, this.testSettings);
      if (started instanceof ServerProcess) {
        [this.pid, this.port, this.own] = [started.pid, port, started];
        return;
      }
      reason = started.failed;
      await sleep(50 * attempt);
    }
    throw new EmbeddedDatabaseError(
      `The embedded database in ${folder.root} does not start (${reason}); its log is ${folder.logFile}. You can also ${USE_OWN_DATABASE}.`,
    );
  }

  private async portToUse(): Promise<number> {
    const { folder, as } = this.site;
    const stored = Number(await readIfThere(folder.portFile));
    if (Number.isInteger(stored) && stored > 0 && (await isFree(stored))) return stored;
    const port = await freePort();
    await writeOwned(folder.portFile, String(port), as.owner);
    return port;
  }
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [NAME]);
    if (rowCount === 0) await client.query(`create database ${NAME}`);
  } catch (error) {
    // Another process made it in the same moment.
    if (!(error instanceof pg.DatabaseError) || !['42P04', '23505'].includes(error.code ?? '')) throw error;
  } finally {
    await client.end();
  }
}
