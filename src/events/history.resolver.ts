import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { MAX_PAGE } from '../graphql/page.args.js';
import type { GraphqlContext } from '../graphql/request-context.js';
import { MessageType } from '../messages/message.type.js';
import { RecipientType } from '../messages/recipient.type.js';
import { DeliveryEventType, toDeliveryEvent } from './delivery-event.type.js';
import { pageSize } from './event-list.js';
import { EventLoaders } from './event-loaders.js';

@Resolver(() => MessageType)
export class MessageHistoryResolver {
  constructor(private readonly loaders: EventLoaders) {}

  @ResolveField('events', () => [DeliveryEventType], {
    description:
      'What happened to its recipients, oldest first. For more than a page use the query events with a filter.',
  })
  async events(
    @Parent() message: MessageType,
    @Context() context: GraphqlContext,
    @Args('first', { type: () => Int, nullable: true, description: 'How many, 1 to 100. Default: 100.' })
    first?: number | null,
  ): Promise<DeliveryEventType[]> {
    const size = pageSize(first, MAX_PAGE);
    const events = await this.loaders.firstOfMessage(context).load(message.uuid);
    return events.slice(0, size).map(toDeliveryEvent);
  }
}

@Resolver(() => RecipientType)
export class RecipientHistoryResolver {
  constructor(private readonly loaders: EventLoaders) {}

  @ResolveField('events', () => [DeliveryEventType], { description: 'What happened to it, oldest first.' })
  async events(@Parent() recipient: RecipientType, @Context() context: GraphqlContext): Promise<DeliveryEventType[]> {
    const events = await this.loaders.ofMessage(context).load(recipient.messageUuid);
    return events.filter((event) => event.n === recipient.n).map(toDeliveryEvent);
  }
}
