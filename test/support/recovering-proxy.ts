import type { Socket } from 'node:net';
import { startTcpProxy } from './tcp-proxy.js';

/**
 * What becomes of a connection: `refuse`: "the database system is starting up"; `drop`: it is lost
 * when the server has said so many things; `pass`: nothing.
 */
export type Fate = 'refuse' | 'pass' | { readonly dropAfter: number };

/** A way to a database server that behaves as one that is recovering, or goes away again and again. */
export interface RecoveringProxy {
  readonly url: string;
  /** Connections so far. */
  readonly connections: number;
  close(): Promise<void>;
}

export async function startRecoveringProxy(
  target: string,
  fateOf: (connection: number) => Fate,
): Promise<RecoveringProxy> {
  let connections = 0;
  const proxy = await startTcpProxy(target, (client, dial) => {
    connections += 1;
    const fate = fateOf(connections);
    if (fate === 'refuse') client.once('data', () => client.end(notYet()));
    else forward(client, dial(), fate === 'pass' ? Infinity : fate.dropAfter);
  });
  return {
    url: proxy.url,
    get connections() {
      return connections;
    },
    close: () => proxy.close(),
  };
}

function forward(client: Socket, upstream: Socket, most: number): void {
  let said = 0;
  client.pipe(upstream);
  upstream.on('data', (chunk: Buffer) => {
    said += 1;
    if (said > most) client.destroy();
    else client.write(chunk);
  });
}

/** The server's ErrorResponse to a connection it cannot take yet. */
function notYet(): Buffer {
  const fields = ['SFATAL', 'VFATAL', 'C57P03', 'Mthe database system is starting up', ''];
  const body = Buffer.from(fields.map((field) => `${field}\0`).join(''));
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
