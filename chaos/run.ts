/**
 * `npm run chaos [-- <scenario>]`: lets things happen under load, then counts what was lost.
 *
 *   npm run chaos -- --times 60              kills at random: processes, connections, the database
 *   npm run chaos -- --database embedded     the same on the embedded PostgreSQL
 *   npm run chaos -- freeze                  workers that stand still for longer than their lease
 *   npm run chaos -- skew                    workers whose clocks are an hour ahead and an hour behind
 *   npm run chaos -- disk-full               no room for data, then none for WAL; needs root
 *   npm run chaos -- rolling                 SIGTERM to workers and api processes, each replaced
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NextHop } from '../bench/next-hop.ts';
import { PostgresServer, installedPostgres } from '../bench/postgres-server.ts';
import { EmbeddedDatabase, type Launch } from './embedded-database.ts';
import type { KillableDatabase } from './killable-database.ts';
import { isGood, report } from './report.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { SmallDisks } from './small-disks.ts';
import { unleash } from './unleash.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string' }, database: { type: 'string', default: 'installed' } },
});
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const [name = 'kills'] = positionals;
const scenario = new Map<string, Scenario>(Object.entries(SCENARIOS)).get(name);
const reason = scenario?.whyNot?.();
if (scenario === undefined) {
  say(`There is no scenario ${name}; there are ${Object.keys(SCENARIOS).join(', ')}.`);
  process.exitCode = 1;
} else if (reason !== undefined) say(`Skipped: ${reason}`);
else await play(scenario);

async function play({ usual, blows, settingsOf, onSmallDisks }: Scenario): Promise<void> {
  const database = await startDatabase(onSmallDisks === true);
  const hop = await NextHop.start();
  try {
    const count = Number(values.times ?? usual);
    const outcome = await unleash({ database, hop, blows: blows(count), settingsOf, tell: say });
    say('');
    for (const line of report(outcome)) say(line);
    process.exitCode = isGood(outcome) ? 0 : 1;
  } finally {
    hop.stop();
    await database.stop();
  }
}

/** The one installed on this machine; where there is none, the one the service brings along. */
async function startDatabase(onSmallDisks: boolean): Promise<KillableDatabase> {
  const bin = values.database === 'embedded' ? undefined : installedPostgres();
  if (bin !== undefined) {
    say(`PostgreSQL of this machine, ${bin}`);
    return onSmallDisks ? SmallDisks.start(bin) : PostgresServer.start(bin);
  }
  say('PostgreSQL embedded in the service');
  const launcher = join(import.meta.dirname, '../dist/src/database/embedded/launcher.js');
  const { startEmbeddedPostgres } = (await import(launcher)) as { startEmbeddedPostgres: Launch };
  return EmbeddedDatabase.start(startEmbeddedPostgres);
}
