import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from './postgres.js';

const MAIN = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
const READY_WITHIN_MS = 25_000;
const STOP_WITHIN_MS = 15_000;

export interface StartOptions {
  /** Settings, over the defaults: any free port, a folder of its own, a database of its own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly role?: 'all' | 'api' | 'worker';
  /** `embedded`: let the service start its own PostgreSQL. Default: a fresh database on the test server. */
  readonly database?: 'test' | 'embedded';
}

/** One process of the built service. */
export interface RunningPostern {
  /** `http://127.0.0.1:54321`, without a path. */
  readonly url: string;
  /** The key made on the first start of an installation; empty when there was one before. */
  readonly key: string;
  /** The ready line as it was printed. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly child: ChildProcess;
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** Everything written to stderr so far. */
  log(): string;
  /** Everything written to stdout so far. */
  output(): string;
  /** SIGTERM, waits for the end and gives the exit code; drops the database that was made for it. */
  stop(): Promise<number | null>;
  /** SIGKILL; keeps the database until stop(). */
  kill(): Promise<void>;
}

/** How a process ended that was not expected to be ready. */
export interface EndedPostern {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `node dist/src/main.js` and waits for its ready line. */
export async function startPostern(options: StartOptions = {}): Promise<RunningPostern> {
  const given = options.env?.['POSTERN_DATABASE_URL'];
  const own = given === undefined && options.database !== 'embedded' ? await createTestDatabase() : undefined;
  const databaseUrl = given ?? own?.url;
  const dataDir = makeFolder();
  const process_ = new Started(options, {
    POSTERN_DATA_DIR: dataDir,
    ...(databaseUrl === undefined ? {} : { POSTERN_DATABASE_URL: databaseUrl }),
  });
  const cleanUp = async (): Promise<void> => {
    await own?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  let ready: Record<string, unknown>;
  try {
    ready = await process_.ready();
  } catch (error) {
    process_.child.kill('SIGKILL');
    await process_.ended;
    await cleanUp();
    throw error;
  }
  const port = Number(ready['port']);
  return {
    url: `http://127.0.0.1:${port}`,
    key: typeof ready['testKey'] === 'string' ? ready['testKey'] : '',
    ready,
    child: process_.child,
    databaseUrl,
    dataDir,
    log: () => process_.stderr,
    output: () => process_.stdout,
    stop: async () => {
      process_.child.kill('SIGTERM');
      const timer = setTimeout(() => process_.child.kill('SIGKILL'), STOP_WITHIN_MS);
      const code = await process_.ended;
      clearTimeout(timer);
      await cleanUp();
      return code;
    },
    kill: async () => {
      process_.child.kill('SIGKILL');
      await process_.ended;
    },
  };
}

/** Starts it where it should refuse, and waits for its end. */
export async function runPostern(env: Readonly<Record<string, string>>): Promise<EndedPostern> {
  const dataDir = makeFolder();
  const process_ = new Started({ env }, { POSTERN_DATA_DIR: dataDir });
  const timer = setTimeout(() => process_.child.kill('SIGKILL'), READY_WITHIN_MS);
  const code = await process_.ended;
  clearTimeout(timer);
  rmSync(dataDir, { recursive: true, force: true });
  return { code, stdout: process_.stdout, stderr: process_.stderr };
}

class Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(options: StartOptions, defaults: Readonly<Record<string, string>>) {
    const env = {
      ...withoutSettings(),
      POSTERN_PORT: '0',
      POSTERN_ROLE: options.role ?? 'all',
      ...defaults,
      ...options.env,
    };
    this.child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    // "close" comes after the last byte of both streams, "exit" may come before.
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  async ready(): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`the service ${why}:\n${this.stdout}\n${this.stderr}`));
      const timer = setTimeout(() => fail(`was not ready within ${READY_WITHIN_MS} ms`), READY_WITHIN_MS);
      const look = (): void => {
        const line = this.stdout.split('\n').find((text) => text.includes('"event":"ready"') && text.endsWith('}'));
        if (line === undefined) return;
        clearTimeout(timer);
        resolve(JSON.parse(line) as Record<string, unknown>);
      };
      this.child.stdout?.on('data', look);
      void this.ended.then((code) => {
        clearTimeout(timer);
        fail(`ended with ${code} before it was ready`);
      });
    });
  }
}

/** The settings of whoever runs the tests must not reach the service. */
function withoutSettings(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('POSTERN_')));
}

/** PostgreSQL refuses to be root; the user it becomes must be able to get here. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-e2e-'));
  chmodSync(folder, 0o755);
  return folder;
}
