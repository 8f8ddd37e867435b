import { createTestDatabase, type TestDatabase } from './postgres.js';
import { PosternClient } from './postern-client.js';
import { type RunningPostern, startPostern } from './start-postern.js';

/** Several processes of the built service on one database. */
export class Cluster {
  private readonly processes = new Set<RunningPostern>();

  private constructor(
    private readonly database: TestDatabase,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async create(env: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    return new Cluster(await createTestDatabase(), env);
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  /** Starts one of each role at the same time; the answer is in their order. */
  async start<T extends readonly ('all' | 'api' | 'worker')[]>(
    ...roles: T
  ): Promise<{ [K in keyof T]: RunningPostern }> {
    const started = await Promise.all(
      roles.map(async (role) => {
        const env = { POSTERN_DATABASE_URL: this.databaseUrl, ...this.env };
        const postern = await startPostern({ role, env });
        this.processes.add(postern);
        return postern;
      }),
    );
    return started as { [K in keyof T]: RunningPostern };
  }

  /** SIGTERM; gives the exit code. */
  async stop(postern: RunningPostern): Promise<number | null> {
    this.processes.delete(postern);
    return postern.stop();
  }

  /** An administrator with the first key, which one of the processes was given. */
  admin(url: string): PosternClient {
    const key = [...this.processes].map((one) => one.key).find((one) => one !== '');
    if (key === undefined) throw new Error('none of the processes made a key');
    return new PosternClient(url, key);
  }

  async end(): Promise<void> {
    await Promise.all([...this.processes].map((postern) => this.stop(postern)));
    await this.database.drop();
  }
}
