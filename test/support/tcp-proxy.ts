import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server by way of this process. */
export interface TcpProxy {
  /** The target's URL, by way of here. */
  readonly url: string;
  /** Ends every connection there is. */
  sever(): void;
  close(): Promise<void>;
}

/** `serve` is called with each client, and with what connects it to the server: one does not outlive the other. */
export async function startTcpProxy(
  target: string,
  serve: (client: Socket, dial: () => Socket) => void,
): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket, end: () => void): Socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    return socket.on('close', () => {
      sockets.delete(socket);
      end();
    });
  };
  const server = createServer((client) => {
    let upstream: Socket | undefined;
    keep(client, () => upstream?.destroy());
    serve(client, () => {
      upstream = keep(connect(Number(port), hostname), () => client.destroy());
      return upstream;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const sever = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    sever,
    close: () => {
      sever();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
