import { Logger } from '@nestjs/common';
import { EX_SOFTWARE } from './cannot-start.js';
import { loadConfig } from './config/load-config.js';
import { exitReason } from './exit-reason.js';
import { shutDownOnSignals } from './shutdown.js';
import { readyLine, startBanner } from './start-banner.js';

// Whoever started us may have stopped reading.
process.stdout.on('error', () => undefined);

try {
  const config = loadConfig(process.env);
  // graphql-js checks more in development: 2 % of a request.
  process.env['NODE_ENV'] ??= 'production';
  // Only now: loading everything takes a second, and a misspelt variable should not.
  const { startPostern } = await import('./start-postern.js');
  const { facts, parts } = await startPostern(config);
  shutDownOnSignals(parts);
  exitOnFaults();
  process.stdout.write(`${process.stdout.isTTY ? startBanner(facts) : readyLine(facts)}\n`);
} catch (error) {
  const reason = exitReason(error);
  if (reason !== undefined) for (const sentence of reason.sentences) process.stderr.write(`${sentence}\n`);
  else process.stderr.write(`Postern could not start: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(reason?.code ?? EX_SOFTWARE);
}

/** A fault nobody caught leaves the process in a state nobody knows. Its leases run out; nothing is lost. */
function exitOnFaults(): void {
  const logger = new Logger('Process');
  const fall = (error: unknown): void => {
    logger.fatal({ msg: 'a fault nobody caught', err: error });
    process.exit(EX_SOFTWARE);
  };
  process.on('uncaughtException', fall);
  process.on('unhandledRejection', fall);
}
