import { Injectable } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import { EventRecorder } from '../events/event-recorder.js';
import { decideNews } from './decide-news.js';
import { NewsRepository } from './news.repository.js';
import type { ProviderNews } from './read/provider-news.js';

/** What became of news. All of it is taken: none need be told again. */
export type Recorded = 'recorded' | 'repeated' | 'nothing_new' | 'nobodys';

/** Writes what providers tell, each piece once, however often and through however many replicas it comes. */
@Injectable()
export class NewsRecorder {
  constructor(
    private readonly pools: Pools,
    private readonly repository: NewsRepository,
    private readonly recorder: EventRecorder,
  ) {}

  async record(provider: string, ids: readonly string[], news: ProviderNews): Promise<Recorded> {
    const done = await this.pools.transaction(this.pools.main, async (tx): Promise<Recorded> => {
      if (!(await this.repository.remember(tx, provider, ids))) return 'repeated';
      const status = await this.repository.lockRecipient(tx, news.recipient);
      if (status === undefined) return 'nobodys';
      const changes = decideNews(status, provider, news);
      if (changes.length === 0) return 'nothing_new';
      await this.recorder.record(tx, changes);
      return 'recorded';
    });
    if (done === 'recorded') this.recorder.announce();
    return done;
  }
}
