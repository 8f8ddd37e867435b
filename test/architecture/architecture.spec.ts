import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

interface Violation {
  rule: { name: string };
  from: string;
}

interface CruiseReport {
  summary: { violations: Violation[]; totalCruised: number };
}

const ROOT = join(import.meta.dirname, '..', '..');
const CRUISER = join(ROOT, 'node_modules', '.bin', 'depcruise');

function cruise(folder: string): CruiseReport {
  const result = spawnSync(
    process.execPath,
    [CRUISER, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', folder],
    { cwd: ROOT, env: { ...process.env, CRUISE_ROOT: folder }, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  return JSON.parse(result.stdout) as CruiseReport;
}

/** Which file below bad/ breaks which rule. A rule without a line here is not known to work. */
const BROKEN: readonly (readonly [rule: string, file: string])[] = [
  ['layer-domain', 'domain/knows-config.ts'],
  ['layer-events', 'events/knows-sending.ts'],
  ['layer-feedback', 'feedback/knows-sending.ts'],
  ['no-cycles', 'messages/cycle-a.ts'],
  ['known-folders', 'surprise/new-folder.ts'],
  ['domain-is-pure', 'domain/knows-fs.ts'],
  ['fence-typeorm', 'messages/knows-typeorm.ts'],
  ['fence-graphql', 'messages/knows-graphql.ts'],
  ['fence-nodemailer', 'sending/knows-nodemailer.ts'],
  ['edges-are-leaves', 'messages/knows-resolver.ts'],
  ['no-barrels', 'auth/knows-barrel.ts'],
  ['no-junk-drawers', 'auth/knows-junk.ts'],
  ['no-orphans', 'telemetry/orphan.ts'],
  ['src-knows-no-tests', 'config/knows-tests.ts'],
  ['no-dev-dependencies', 'config/knows-dev.ts'],
];

describe('the import rules', () => {
  let found: Set<string>;

  beforeAll(() => {
    const { violations } = cruise('test/architecture/bad').summary;
    found = new Set(violations.map(({ rule, from }) => `${rule.name} ${from}`));
  }, 120_000);

  it.each(BROKEN)('%s is broken by %s', (rule, file) => {
    expect([...found]).toContain(`${rule} test/architecture/bad/${file}`);
  });

  it('all have an example of being broken, the layers by three of their kind', () => {
    const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
      forbidden: { name: string }[];
    };
    const tried = new Set(BROKEN.map(([rule]) => rule));
    const named = forbidden.map(({ name }) => name).filter((name) => !name.startsWith('layer-'));
    expect(named.filter((name) => !tried.has(name))).toEqual([]);
    expect([...tried].filter((name) => name.startsWith('layer-'))).toHaveLength(3);
  });

  it('hold for the sources, of which more than a hundred were looked at', () => {
    const { violations, totalCruised } = cruise('src').summary;
    expect(violations.map(({ rule, from }) => `${rule.name} ${from}`)).toEqual([]);
    expect(totalCruised).toBeGreaterThan(100);
  }, 120_000);
});
