import { startTcpProxy } from '../../support/tcp-proxy.js';

/** A way to the database that can swallow a reply: what was committed, the client never hears of. */
export interface CuttingProxy {
  readonly url: string;
  /** Cuts the connection in place of the n-th reply from now on, from 1. */
  cutReply(n: number): void;
  readonly cuts: number;
  close(): Promise<void>;
}

export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  let left = Number.POSITIVE_INFINITY;
  let cuts = 0;
  const proxy = await startTcpProxy(target, (client, dial) => {
    const database = dial();
    client.pipe(database);
    database.on('data', (chunk) => {
      left -= 1;
      if (left > 0) {
        client.write(chunk);
        return;
      }
      left = Number.POSITIVE_INFINITY;
      cuts += 1;
      client.destroy();
    });
  });
  return {
    url: proxy.url,
    cutReply(n) {
      left = n;
    },
    get cuts() {
      return cuts;
    },
    close: () => proxy.close(),
  };
}
