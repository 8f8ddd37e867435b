/**
 * `npm run chaos`: kills at random under load, then counts what was lost.
 *
 *   npm run chaos -- --kills 60
 *   npm run chaos -- --database embedded
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NextHop } from '../bench/next-hop.ts';
import { PostgresServer, installedPostgres } from '../bench/postgres-server.ts';
import { EmbeddedDatabase, type Launch } from './embedded-database.ts';
import type { KillableDatabase } from './killable-database.ts';
import { isGood, report } from './report.ts';
import { unleash } from './unleash.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '60' }, database: { type: 'string', default: 'installed' } },
});
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** The one installed on this machine; where there is none, the one the service brings along. */
async function startDatabase(): Promise<KillableDatabase> {
  const bin = values.database === 'embedded' ? undefined : installedPostgres();
  if (bin !== undefined) {
    say(`PostgreSQL of this machine, ${bin}`);
    return PostgresServer.start(bin);
  }
  say('PostgreSQL embedded in the service');
  const launcher = join(import.meta.dirname, '../dist/src/database/embedded/launcher.js');
  const { startEmbeddedPostgres } = (await import(launcher)) as { startEmbeddedPostgres: Launch };
  return EmbeddedDatabase.start(startEmbeddedPostgres);
}

const database = await startDatabase();
const hop = await NextHop.start();
try {
  const outcome = await unleash(database, hop, Number(values.kills), say);
  say('');
  for (const line of report(outcome)) say(line);
  process.exitCode = isGood(outcome) ? 0 : 1;
} finally {
  hop.stop();
  await database.stop();
}
