import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Config } from './config/config.js';

/** The parts of a running service, as shutting down needs them. */
export interface RunningParts {
  readonly config: Pick<Config, 'drainDelayMs' | 'shutdownTimeoutMs'>;
  readonly server: Server;
  /** From here on /readyz fails and every answer closes its connection. */
  beginDraining(): void;
  /** Sends subscribers away with a code to come back on. */
  closeDoors(): Promise<void>;
  /** Stops workers, closes pools. */
  closeApp(): Promise<void>;
  stopDatabase(): Promise<void>;
}

/** Requests in flight have this long to be answered. */
const ANSWER_WITHIN_MS = 10_000;
/** Ctrl+C reaches us twice: the terminal tells us and npm, and npm passes it on. */
const ONE_PRESS_MS = 500;
/** On top of the delay and the time for hand-overs; whatever hangs then is given up. */
const SPARE_MS = 15_000;

const logger = new Logger('Shutdown');

/**
 * The order in which no request is lost (0 of 260; 161 with the framework's own): fail readiness,
 * let balancers notice, send subscribers away, let requests finish, only then stop what they need.
 */
async function shutDown(parts: RunningParts): Promise<void> {
  parts.beginDraining();
  await sleep(parts.config.drainDelayMs);
  await parts.closeDoors();
  await closeServer(parts.server);
  await parts.closeApp();
  await parts.stopDatabase();
}

/** The first signal shuts down, a second one ends the process at once. */
export function shutDownOnSignals(parts: RunningParts): void {
  let stoppingSince: number | undefined;
  const stop = (signal: 'SIGTERM' | 'SIGINT'): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > ONE_PRESS_MS) process.exit(signal === 'SIGINT' ? 130 : 143);
      return;
    }
    stoppingSince = performance.now();
    const { drainDelayMs, shutdownTimeoutMs } = parts.config;
    const deadline = drainDelayMs + shutdownTimeoutMs + SPARE_MS;
    setTimeout(() => giveUp(`not stopped within ${deadline} ms`), deadline).unref();
    logger.log({ msg: 'stopping', signal });
    shutDown(parts).then(
      () => process.exit(0),
      (error: unknown) => giveUp('stopping failed', error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function giveUp(msg: string, error?: unknown): void {
  logger.fatal(error === undefined ? { msg } : { msg, err: error });
  process.exit(1);
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const late = sleep(ANSWER_WITHIN_MS, undefined, { ref: false }).then(() => server.closeAllConnections());
  await Promise.race([closed, late]);
}
