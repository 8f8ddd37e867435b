import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NextHop } from '../../bench/next-hop.js';
import { VICTIMS } from '../../chaos/cluster.js';
import { EmbeddedDatabase } from '../../chaos/embedded-database.js';
import { isGood, report } from '../../chaos/report.js';
import { SCENARIOS } from '../../chaos/scenarios.js';
import { unleash } from '../../chaos/unleash.js';
import { startEmbeddedPostgres } from '../../src/database/embedded/launcher.js';

/** `npm run chaos` in small: one kill of each kind, on a server of its own, because that is killed too. */
describe('everything that can be killed', () => {
  let database: EmbeddedDatabase;
  let hop: NextHop;

  beforeAll(async () => {
    [database, hop] = await Promise.all([EmbeddedDatabase.start(startEmbeddedPostgres), NextHop.start()]);
  }, 60_000);

  afterAll(async () => {
    hop.stop();
    await database.stop();
  }, 30_000);

  it('loses nothing, and sends twice only what is labelled so', async () => {
    const told: string[] = [];
    const { blows, settingsOf } = SCENARIOS.kills;
    const plan = { database, hop, blows: blows(VICTIMS.length), settingsOf };
    const outcome = await unleash({ ...plan, tell: (line) => void told.push(line) });
    const { strikes, verdict, unknown, resolved } = outcome;
    expect(isGood(outcome) ? [] : [...told, ...report(outcome)]).toEqual([]);
    expect(strikes.map(({ blow }) => blow).toSorted()).toEqual(VICTIMS.toSorted());
    expect(verdict.acknowledged).toBeGreaterThan(VICTIMS.length * 50);
    expect(verdict).toMatchObject({ delivered: verdict.acknowledged, lost: 0, unfinished: 0, unlabelled: 0 });
    expect(verdict.duplicates).toBeLessThanOrEqual(verdict.labelled);
    expect(resolved).toBe(unknown);
  }, 180_000);
});
