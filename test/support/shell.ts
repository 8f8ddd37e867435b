import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const STAND_IN = join(process.cwd(), 'test', 'support', 'curl-stand-in.mjs');

/** The environment of a shell that has curl, whether this machine has it or not; `folder` takes the stand-in. */
export function shellEnvironment(folder: string, curl: 'any' | 'stand-in' = 'any'): NodeJS.ProcessEnv {
  const node = join(process.execPath, '..');
  const installed = spawnSync('curl', ['--version']).status === 0;
  if (curl === 'any' && installed) return { ...process.env, PATH: [process.env['PATH'], node].join(delimiter) };
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'curl'), `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' "$@"\n`, { mode: 0o755 });
  return { ...process.env, PATH: [bin, process.env['PATH'], node].join(delimiter) };
}

/** A program under way and what it has written. */
export class Running {
  output = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(
    command: readonly [string, ...string[]],
    options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly input?: string },
  ) {
    const [file, ...args] = command;
    // In a group of its own, so that what a shell has started ends with it.
    this.child = spawn(file, args, { cwd: options.cwd, env: options.env, detached: true });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
    this.child.stdin?.end(options.input ?? '');
  }

  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.child;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    await this.ended;
  }
}
