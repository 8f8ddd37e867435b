import { startTcpProxy } from './tcp-proxy.js';

/** A way to a server that can be cut and mended: an outage of that server for one client only. */
export interface SeverableProxy {
  readonly url: string;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function startSeverableProxy(target: string): Promise<SeverableProxy> {
  let isCut = false;
  const proxy = await startTcpProxy(target, (client, dial) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = dial();
    client.pipe(upstream);
    upstream.pipe(client);
  });
  return {
    url: proxy.url,
    cut: () => {
      isCut = true;
      proxy.sever();
    },
    mend: () => {
      isCut = false;
    },
    close: () => proxy.close(),
  };
}
