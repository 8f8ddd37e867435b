import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitForDatabase } from '../../src/wait-for-database.js';
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.js';
import { type Fate, type RecoveringProxy, startRecoveringProxy } from '../support/recovering-proxy.js';
import { startPostern } from '../support/start-postern.js';

describe('starting while the database recovers', () => {
  let database: TestDatabase;
  let proxy: RecoveringProxy;

  const through = async (fateOf: (connection: number) => Fate): Promise<string> => {
    proxy = await startRecoveringProxy(database.url, fateOf);
    return proxy.url;
  };

  beforeEach(async () => {
    database = await createEmptyDatabase();
  });

  afterEach(async () => {
    await proxy.close();
    await database.drop();
  });

  it('has as much patience as the recovery takes', async () => {
    // Five times 250 ms between two tries are more than it would wait for a server that is not there.
    const url = await through((connection) => (connection <= 5 ? 'refuse' : 'pass'));
    await waitForDatabase(url, 500);
    expect(proxy.connections).toBe(6);
  });

  it('goes on when connections are lost in every stage of the start', async () => {
    // Each round of the start gets a little further: the migrations, the ledger's own data, the first key.
    const url = await through((connection) => {
      if (connection <= 2) return 'refuse';
      return connection <= 14 && connection % 2 === 0 ? { dropAfter: connection } : 'pass';
    });
    const postern = await startPostern({ env: { POSTERN_DATABASE_URL: url } });
    expect(postern.key).toMatch(/^pst_test_/);
    expect(proxy.connections).toBeGreaterThan(14);
    expect(await postern.stop()).toBe(0);
  });
});
