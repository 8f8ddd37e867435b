import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { reasonOf } from '../../telemetry/reason-of.js';

const BEAT_MS = 1500;
/** Longer than a database may be away without its workers being given up. */
const GONE_SECONDS = 15;
/** The others have heard of a newcomer after two of their beats, and use less from then on. */
const SETTLED_MS = 2 * BEAT_MS + 500;

const BEAT = `
with gone as (delete from worker where seen_at < now() - $2 * interval '1 second' and id <> $1),
me as (insert into worker (id) values ($1) on conflict (id) do update set seen_at = now())
select id from worker where id <> $1 and seen_at >= now() - $2 * interval '1 second'`;

/**
 * Which workers are alive, so that a limit on connections holds over all of them: each takes its
 * share, and the shares add up to the limit. A newcomer waits with its share until the others know.
 */
@Injectable()
export class LiveWorkers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly id = randomUUID();
  private readonly logger = new Logger(LiveWorkers.name);
  private others: string[] | undefined;
  private settledMono = Infinity;
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();

  constructor(private readonly pools: Pools) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.beat();
    this.timer = setInterval(() => {
      this.beating = this.beat();
    }, BEAT_MS);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    // A sign of life that arrives after the farewell would be believed for as long as it lasts.
    await this.beating;
    // Its share is free at once; a database that is gone notices by itself.
    await this.pools.queue.query('delete from worker where id = $1', [this.id]).catch(() => undefined);
  }

  /** Workers alive, this one included. */
  get count(): number {
    return (this.others?.length ?? 0) + 1;
  }

  /**
   * How much of a limit is this worker's; 0 while others may still use all of it. What cannot be divided
   * goes to one worker for this and to another one for that, by the name of what is limited.
   */
  share(limit: number, name = ''): number {
    if (this.others === undefined || performance.now() < this.settledMono) return 0;
    const rank = this.others.filter((id) => id < this.id).length;
    const turn = (rank + numberOf(name)) % this.count;
    return Math.floor(limit / this.count) + (turn < limit % this.count ? 1 : 0);
  }

  private async beat(): Promise<void> {
    try {
      const { rows } = await this.pools.queue.query<{ id: string }>(BEAT, [this.id, GONE_SECONDS]);
      const first = this.others === undefined;
      this.others = rows.map((row) => row.id);
      if (first) this.settledMono = performance.now() + (rows.length === 0 ? 0 : SETTLED_MS);
    } catch (error) {
      this.logger.debug({ msg: 'no sign of life given', reason: reasonOf(error) });
    }
  }
}

/** The same in every process. */
function numberOf(name: string): number {
  let number = 0;
  for (let at = 0; at < name.length; at += 1) number = (number * 31 + name.charCodeAt(at)) % 65_521;
  return number;
}
