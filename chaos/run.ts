/**
 * `npm run chaos`: kills at random under load, then counts what was lost.
 *
 *   npm run chaos -- --kills 60
 */
import { parseArgs } from 'node:util';
import { NextHop } from '../bench/next-hop.ts';
import { PostgresServer, installedPostgres } from '../bench/postgres-server.ts';
import { unleash } from './unleash.ts';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '60' } } });
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const bin = installedPostgres();
if (bin === undefined) {
  say('No PostgreSQL is installed on this machine; install one (15 or later) to run this.');
  process.exit(69);
}
const database = await PostgresServer.start(bin);
const hop = await NextHop.start();
try {
  const verdict = await unleash(database, hop, Number(values.kills), say);
  const kills = Object.values(verdict.kills).reduce((sum, count) => sum + count, 0);
  say('');
  say(
    `kills                      ${kills} (${Object.entries(verdict.kills)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ')})`,
  );
  say(`acknowledged               ${verdict.acknowledged}`);
  say(`delivered                  ${verdict.delivered}`);
  say(`lost                       ${verdict.lost}`);
  say(
    `sent twice                 ${verdict.duplicates} (${(verdict.duplicates / kills).toFixed(2)} a kill; ${verdict.labelled} attempts are labelled as perhaps sent)`,
  );
  say(
    `unknown commit outcomes    ${verdict.unknown}, resolved ${verdict.resolved} (${verdict.hadBeenAccepted} had been accepted)`,
  );
  say(`left unfinished            ${verdict.unfinished}`);
  const good = verdict.lost === 0 && verdict.unknown === verdict.resolved && verdict.unfinished === 0;
  process.exitCode = good ? 0 : 1;
} finally {
  hop.stop();
  await database.stop();
}
