import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process of its own with an embedded database, to be ended as tests please. */
export interface EmbeddedProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Ends it and waits for that. SIGTERM stops the server first, SIGKILL leaves it no time to. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts it and waits until the database answers; throws with what it said instead. */
export async function startEmbeddedProcess(dataDir: string): Promise<EmbeddedProcess> {
  const child = spawn(
    process.execPath,
    ['--import', join(__dirname, 'typescript-loader.mts'), join(__dirname, 'embedded-main.ts'), dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [value] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string | undefined];
  if (value?.startsWith('postgres://') !== true)
    throw new Error(`the process ended without a database: ${String(value)}`);
  return {
    child,
    url: value,
    end: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}
