import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '..', 'dist', 'src', 'main.js');

interface Ready {
  readonly graphql: string;
  readonly testKey: string | undefined;
}

/** One process of the built service. */
export class ServiceProcess {
  readonly ready: Ready;
  readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(child: ChildProcess, folder: string, ready: Ready) {
    this.child = child;
    this.folder = folder;
    this.ready = ready;
  }

  /** Starts it with the given settings on any free port (unless told) and waits for its ready line. */
  static async start(settings: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'postern-service-'));
    const env = {
      ...process.env,
      POSTERN_PORT: '0',
      POSTERN_DATA_DIR: folder,
      POSTERN_LOG_LEVEL: 'error',
      ...settings,
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ready = await new Promise<Ready>((resolve, reject) => {
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const line = text
          .split('\n')
          .find((candidate) => candidate.includes('"event":"ready"') && candidate.endsWith('}'));
        if (line !== undefined) resolve(JSON.parse(line) as Ready);
      });
      child.once('exit', (code) => reject(new Error(`the service ended with ${code} before it was ready`)));
    });
    return new ServiceProcess(child, folder, ready);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    await ended;
  }
}
