import { Args, Context, ID, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { CurrentPrincipal } from '../auth/current-principal.decorator.js';
import { RequireScope } from '../auth/require-scope.decorator.js';
import { decodeId } from '../domain/opaque-id.js';
import type { Principal } from '../domain/principal.js';
import { Cursor } from '../graphql/cursor.scalar.js';
import { topError } from '../graphql/postern-error.js';
import type { GraphqlContext } from '../graphql/request-context.js';
import { MessageLoaders } from '../messages/message-loaders.js';
import { MessageType, toMessage } from '../messages/message.type.js';
import { DeliveryEventType, EventConnection } from './delivery-event.type.js';
import { EventFilterInput, toEventFilter } from './event-filter.input.js';
import { EventList } from './event-list.js';
import { EventPageArgs } from './event-page.args.js';
import { EventStreams } from './event-stream.js';
import { EventStreamItem, toEventStreamItem } from './event-stream.type.js';
import type { StreamItem } from './stream-item.js';

@Resolver(() => DeliveryEventType)
export class EventsResolver {
  constructor(
    private readonly streams: EventStreams,
    private readonly lists: EventList,
    private readonly loaders: MessageLoaders,
  ) {}

  @RequireScope('READ')
  @Query(() => EventConnection, { description: 'Events of your tenant in the order of the log, oldest first.' })
  events(
    @CurrentPrincipal() principal: Principal,
    @Args() page: EventPageArgs,
    @Args('filter', { type: () => EventFilterInput, nullable: true, description: 'Which events. Default: all.' })
    filter?: EventFilterInput | null,
  ): Promise<EventConnection> {
    return this.lists.page(principal.tenantId, toEventFilter(filter), { first: page.first, after: page.after });
  }

  @RequireScope('READ')
  @Subscription(() => EventStreamItem, {
    name: 'events',
    description:
      'Events of your tenant: the stored ones after the cursor, then live ones, none missing and none twice. Without a cursor only what happens from now on.',
    resolve: toEventStreamItem,
  })
  streamEvents(
    @CurrentPrincipal() principal: Principal,
    @Args('after', {
      type: () => Cursor,
      nullable: true,
      description: 'Where to go on: the cursor of an event, a page, a mutation or an error.',
    })
    after?: string | null,
    @Args('filter', { type: () => EventFilterInput, nullable: true, description: 'Which events. Default: all.' })
    filter?: EventFilterInput | null,
  ): AsyncIterableIterator<StreamItem> {
    return this.streams.events(principal.tenantId, after, toEventFilter(filter));
  }

  @RequireScope('READ')
  @Subscription(() => EventStreamItem, {
    description:
      'Events of one message from its first on. Completes when every recipient is settled; one that is held or in doubt keeps it open.',
    resolve: toEventStreamItem,
  })
  async messageUpdated(
    @CurrentPrincipal() principal: Principal,
    @Args('id', { type: () => ID, description: 'Id of the message.' }) id: string,
    @Args('after', { type: () => Cursor, nullable: true, description: 'Only events after this cursor. Default: all.' })
    after?: string | null,
  ): Promise<AsyncIterableIterator<StreamItem>> {
    const messageId = decodeId('msg', id);
    if (messageId === undefined) throw topError('BAD_REQUEST', 'id is not the id of a message.');
    return this.streams.message(principal.tenantId, messageId, after);
  }

  @ResolveField('message', () => MessageType, {
    nullable: true,
    description: 'The message it is about, as it stands now; null once it is no longer kept.',
  })
  async message(@Parent() event: DeliveryEventType, @Context() context: GraphqlContext): Promise<MessageType | null> {
    const row = await this.loaders.messages(context).load(event.messageUuid);
    return row === undefined ? null : toMessage(row);
  }
}
