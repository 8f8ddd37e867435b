import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KillableDatabase, rowsOf } from './killable-database.ts';
import { until } from './until.ts';

const BACK_WITHIN_MS = 60_000;

/** The launcher of the service: of the built one for the program, of the sources for the tests. */
export type Launch = (
  dataDir: string,
  options: { readonly testSettings: readonly string[] },
) => Promise<{ readonly url: string; stop(): Promise<void> }>;

/** The PostgreSQL that the service brings along. Its launcher starts it again whenever it ends. */
export class EmbeddedDatabase implements KillableDatabase {
  readonly url: string;
  private readonly folder: string;
  private readonly cluster: string;
  private readonly end: () => Promise<void>;

  private constructor(url: string, folder: string, cluster: string, end: () => Promise<void>) {
    this.url = url;
    this.folder = folder;
    this.cluster = cluster;
    this.end = end;
  }

  static async start(launch: Launch): Promise<EmbeddedDatabase> {
    const folder = mkdtempSync(join(tmpdir(), 'postern-chaos-'));
    // PostgreSQL refuses to be root; the user it becomes must be able to get here.
    chmodSync(folder, 0o755);
    // Every process has pools of its own.
    const server = await launch(folder, { testSettings: ['max_connections=200'] });
    const [row] = await rowsOf<{ data_directory: string }>(server.url, 'show data_directory');
    return new EmbeddedDatabase(server.url, folder, row?.data_directory ?? '', () => server.stop());
  }

  async kill(): Promise<void> {
    const pid = Number(readFileSync(join(this.cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    await until(() => hasEnded(pid), BACK_WITHIN_MS);
  }

  async run(): Promise<void> {
    const back = await until(async () => (await rowsOf(this.url, 'select')).length === 1, BACK_WITHIN_MS);
    if (!back) throw new Error(`the embedded database did not come back within ${BACK_WITHIN_MS} ms`);
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
