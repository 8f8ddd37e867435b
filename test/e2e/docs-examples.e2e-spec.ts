import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { examplesOf, isAsSaid, type Step } from '../support/doc-examples.js';
import { Running, shellEnvironment } from '../support/shell.js';
import { type RunningPostern, startPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

const PAGES = ['README.md', 'docs/getting-started.md', 'docs/sender-domains.md'];

let postern: RunningPostern;
let folder: string;

beforeAll(async () => {
  postern = await startPostern({ database: 'embedded' });
  // As it is in the folder of whoever follows the page.
  folder = mkdtempSync(join(tmpdir(), 'postern-docs-'));
  symlinkSync(postern.dataDir, join(folder, '.postern'));
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
}, 60_000);

afterAll(async () => {
  await postern.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

/** Follows a page step by step, as a reader would with two terminals. */
class Reader {
  private readonly background: Running[] = [];
  private readonly env = shellEnvironment(folder);
  private printed = '';

  async follow(step: Step): Promise<void> {
    switch (step.kind) {
      case 'save':
        writeFileSync(join(folder, step.file), this.here(step.code));
        return;
      case 'background': {
        const running = new Running(['sh', '-c', this.here(step.code)], { cwd: folder, env: this.env });
        this.background.push(running);
        await waitFor(() => running.output.includes('StreamCaughtUp'));
        return;
      }
      case 'run':
        this.printed = await this.run(step.language, this.here(step.code));
        return;
      case 'prints':
        if (step.background) await this.waitForBackground(step.text);
        else if (!isAsSaid(step.language, step.text, this.printed)) expect(this.printed).toBe(step.text);
    }
  }

  async close(): Promise<void> {
    for (const running of this.background) await running.stop();
  }

  private async run(language: string, code: string): Promise<string> {
    const file = join(folder, `${randomUUID()}.mjs`);
    if (language === 'js') writeFileSync(file, code);
    const command = language === 'js' ? ([process.execPath, file] as const) : (['sh', '-c', code] as const);
    const running = new Running(command, { cwd: folder, env: this.env });
    const exitCode = await running.ended;
    expect([exitCode, running.output]).toEqual([0, expect.any(String)]);
    return running.output.trimEnd();
  }

  private async waitForBackground(said: string): Promise<void> {
    await waitFor(() => this.background.some(({ output }) => isAsSaid('text', said, output)));
  }

  /** The service of this test has a port of its own. */
  private here(code: string): string {
    return code.replaceAll('localhost:3025', new URL(postern.url).host);
  }
}

describe.each(PAGES)('the examples of %s', (path) => {
  const steps = examplesOf(readFileSync(path, 'utf8'));

  it('are there', () => {
    expect(steps.filter(({ kind }) => kind === 'run').length).toBeGreaterThan(0);
  });

  it('work as the page says', async () => {
    const reader = new Reader();
    try {
      for (const step of steps) {
        await reader.follow(step).catch((error: unknown) => {
          throw new Error(`${path}:${step.line}: ${error instanceof Error ? error.message : String(error)}`);
        });
      }
    } finally {
      await reader.close();
    }
  }, 60_000);
});
