import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Pools } from '../database/pools.js';
import { type ReadinessFacts, readinessFacts } from '../database/readiness-facts.js';

/** What stands in the way of accepting mail safely, in the order of looking. */
const OBSTACLES: readonly { readonly message: string; found: (facts: ReadinessFacts) => boolean }[] = [
  { message: 'the schema is older than this release', found: (facts) => !facts.migrated },
  { message: 'fsync is off: accepted mail could be lost', found: (facts) => !facts.fsync },
  { message: 'full_page_writes is off: accepted mail could be lost', found: (facts) => !facts.fullPageWrites },
  { message: 'synchronous_commit is off', found: (facts) => facts.synchronousCommit === 'off' },
];

/** The database answers, has our schema, and keeps what it acknowledges. */
@Injectable()
export class DatabaseIndicator {
  constructor(
    private readonly pools: Pools,
    private readonly health: HealthIndicatorService,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.health.check('database');
    try {
      const facts = await readinessFacts(this.pools.main);
      const obstacle = OBSTACLES.find(({ found }) => found(facts));
      return obstacle === undefined ? indicator.up() : indicator.down({ message: obstacle.message });
    } catch {
      // The reason names hosts and users; it is in the log of whoever needed the database.
      return indicator.down({ message: 'the database does not answer' });
    }
  }
}
