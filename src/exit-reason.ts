import { CannotStart, EX_CONFIG } from './cannot-start.js';
import { ConfigError } from './config/load-config.js';
import { EmbeddedDatabaseError } from './database/embedded/embedded-database-error.js';

/** What an operator is told, a sentence for each problem, and how the process ends. */
export interface ExitReason {
  readonly code: number;
  readonly sentences: readonly string[];
}

/** Undefined for what nobody foresaw: that deserves its stack trace. */
export function exitReason(error: unknown): ExitReason | undefined {
  if (error instanceof ConfigError) return { code: EX_CONFIG, sentences: error.problems };
  if (error instanceof EmbeddedDatabaseError) return { code: EX_CONFIG, sentences: [error.message] };
  if (error instanceof CannotStart) return { code: error.exitCode, sentences: [error.message] };
  return undefined;
}
