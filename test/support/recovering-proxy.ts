import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

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
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const fate = fateOf(connections);
    sockets.add(client);
    client.on('error', () => undefined);
    client.on('close', () => sockets.delete(client));
    if (fate === 'refuse') client.once('data', () => client.end(notYet()));
    else forward(client, connect(Number(port), hostname), fate === 'pass' ? Infinity : fate.dropAfter);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    get connections() {
      return connections;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function forward(client: Socket, upstream: Socket, most: number): void {
  let said = 0;
  const end = (): void => {
    client.destroy();
    upstream.destroy();
  };
  upstream.on('error', end);
  upstream.on('close', end);
  client.on('close', end);
  client.pipe(upstream);
  upstream.on('data', (chunk: Buffer) => {
    said += 1;
    if (said > most) end();
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
