import pg from 'pg';

export type Volume = 'data' | 'WAL';

/** The database as chaos needs it: one that can be killed and comes back on its data. */
export interface KillableDatabase {
  readonly url: string;
  /** SIGKILL to the server; resolves when it has ended. */
  kill(): Promise<void>;
  /** Resolves when it answers again. */
  run(): Promise<void>;
  /** Leaves no room on a volume for a while; resolves when there is room and it answers again. Where volumes can be filled. */
  fill?(volume: Volume): Promise<void>;
  stop(): Promise<void>;
}

/** The rows of one statement, on a connection of its own: any other may be killed meanwhile. */
export async function rowsOf<R extends pg.QueryResultRow>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
