import { createServer } from 'node:net';
import { CannotStart, EX_CONFIG } from './cannot-start.js';
import type { Config } from './config/config.js';

type Address = Pick<Config, 'host' | 'port'>;

/** Tries the address before anything slow is begun. */
export async function assertCanListen(address: Address): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address.port, address.host, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  } catch (error) {
    throw describeListenError(error, address);
  }
}

/** The sentence for an address that cannot be listened on; any other error as it is. */
export function describeListenError(error: unknown, { host, port }: Address): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const sentence = typeof code === 'string' ? SENTENCES[code]?.(host, port) : undefined;
  return sentence === undefined ? error : new CannotStart(sentence, EX_CONFIG);
}

const notHere = (host: string): string =>
  `${host} is not an address of this machine: set POSTERN_HOST to one that is, such as 127.0.0.1 or 0.0.0.0.`;

const SENTENCES: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (host, port) =>
    `Port ${port} on ${host} is in use: stop what runs there or set POSTERN_PORT to another port.`,
  EACCES: (_host, port) => `This user may not listen on port ${port}: set POSTERN_PORT to another port, such as 3025.`,
  EADDRNOTAVAIL: notHere,
  ENOTFOUND: notHere,
  EAI_AGAIN: notHere,
  EINVAL: notHere,
};
