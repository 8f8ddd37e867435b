import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { MAX_PAGE } from '../graphql/page.args.js';
import { topError } from '../graphql/postern-error.js';
import type { GraphqlContext } from '../graphql/request-context.js';
import { EventLogRepository } from './event-log.repository.js';
import type { StoredEvent } from './stored-event.js';

type Loader = DataLoader<string, readonly StoredEvent[]>;

/** More than any message has: 1,000 recipients that are tried a few times. */
const MOST_OF_A_MESSAGE = 20_000;

/** The events that fields of one operation ask for, in one statement. Keys are the UUIDs of messages. */
@Injectable()
export class EventLoaders {
  constructor(private readonly log: EventLogRepository) {}

  /** The first page of each message's events. */
  firstOfMessage(context: GraphqlContext): Loader {
    return this.loader(context, 'events.first', MAX_PAGE);
  }

  /** All events of each message, for telling them apart by recipient. */
  ofMessage(context: GraphqlContext): Loader {
    return this.loader(context, 'events.all', MOST_OF_A_MESSAGE);
  }

  private loader({ loaders, principal, transport }: GraphqlContext, name: string, limit: number): Loader {
    const existing = loaders.get(name) as Loader | undefined;
    if (existing !== undefined) return existing;
    if (principal === undefined) throw topError('UNAUTHENTICATED');
    const loader: Loader = new DataLoader(
      async (ids) => {
        const events = await this.log.ofMessages(principal.tenantId, [...new Set(ids)], limit);
        const byMessage = Map.groupBy(events, (event) => event.messageId);
        return ids.map((id) => byMessage.get(id) ?? []);
      },
      // A subscription's context lives as long as the subscription: there a cache would grow stale.
      { cache: transport === 'http' },
    );
    loaders.set(name, loader);
    return loader;
  }
}
