import { Args, Context, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentPrincipal } from '../auth/current-principal.decorator.js';
import { RequireScope } from '../auth/require-scope.decorator.js';
import { type MessageStatus, messageStatus } from '../domain/message-status.js';
import { decodeId } from '../domain/opaque-id.js';
import type { Principal } from '../domain/principal.js';
import { statusOf } from '../domain/recipient-status.js';
import { MAX_PAGE, PageArgs } from '../graphql/page.args.js';
import { topError } from '../graphql/postern-error.js';
import type { GraphqlContext } from '../graphql/request-context.js';
import { MessageFilterInput } from './message-filter.input.js';
import { MessageList } from './message-list.js';
import { MessageLoaders } from './message-loaders.js';
import { MessageRepository } from './message.repository.js';
import { MessageStatusEnum } from './message-status.enum.js';
import { MessageConnection, MessageType, toMessage } from './message.type.js';
import { NodeType } from './node.type.js';
import { RecipientType, toRecipient } from './recipient.type.js';

@Resolver(() => MessageType)
export class MessageResolver {
  constructor(
    private readonly repository: MessageRepository,
    private readonly loaders: MessageLoaders,
    private readonly lists: MessageList,
  ) {}

  @RequireScope('READ')
  @Query(() => MessageType, { nullable: true, description: 'A message by its id or by its idempotency key.' })
  async message(
    @CurrentPrincipal() principal: Principal,
    @Context() context: GraphqlContext,
    @Args('id', { type: () => ID, nullable: true, description: 'Id of the message.' }) id?: string | null,
    @Args('idempotencyKey', { type: () => String, nullable: true, description: 'The key it was accepted under.' })
    idempotencyKey?: string | null,
  ): Promise<MessageType | null> {
    if (typeof id === 'string' && typeof idempotencyKey !== 'string') return this.byId(context, id);
    if (typeof id === 'string' || typeof idempotencyKey !== 'string') {
      throw topError('BAD_REQUEST', 'Give either id or idempotencyKey.');
    }
    const row = await this.repository.byIdempotencyKey(principal.tenantId, idempotencyKey);
    return row === undefined ? null : toMessage(row);
  }

  @RequireScope('READ')
  @Query(() => MessageConnection, { description: 'Messages of your tenant, newest first.' })
  messages(
    @CurrentPrincipal() principal: Principal,
    @Args() page: PageArgs,
    @Args('filter', { type: () => MessageFilterInput, nullable: true, description: 'Which messages. Default: all.' })
    filter?: MessageFilterInput | null,
  ): Promise<MessageConnection> {
    return this.lists.page(principal.tenantId, filter ?? {}, page);
  }

  @RequireScope('READ')
  @Query(() => NodeType, { nullable: true, description: 'Any object by its id; null when there is none.' })
  node(
    @Context() context: GraphqlContext,
    @Args('id', { type: () => ID, description: 'Id of the object.' }) id: string,
  ): Promise<MessageType | null> {
    return this.byId(context, id);
  }

  @RequireScope('READ')
  @Query(() => [NodeType], {
    nullable: 'items',
    description: 'Objects by their ids, in the same order, with null for what is not there.',
  })
  async nodes(
    @Context() context: GraphqlContext,
    @Args('ids', { type: () => [ID], description: 'At most 100 ids.' }) ids: string[],
  ): Promise<(MessageType | null)[]> {
    if (ids.length > MAX_PAGE) throw topError('BAD_REQUEST', `Give at most ${MAX_PAGE} ids.`);
    return Promise.all(ids.map((id) => this.byId(context, id)));
  }

  @ResolveField('status', () => MessageStatusEnum, { description: 'The roll-up of its recipients’ statuses.' })
  async status(@Parent() message: MessageType, @Context() context: GraphqlContext): Promise<MessageStatus> {
    const rows = (await this.loaders.recipients(context).load(message.uuid)) ?? [];
    return messageStatus(rows.map((row) => statusOf(row.status)));
  }

  @ResolveField('recipients', () => [RecipientType], { description: 'Its recipients: to, then cc, then bcc.' })
  async recipients(@Parent() message: MessageType, @Context() context: GraphqlContext): Promise<RecipientType[]> {
    const rows = (await this.loaders.recipients(context).load(message.uuid)) ?? [];
    return rows.map(toRecipient);
  }

  private async byId(context: GraphqlContext, id: string): Promise<MessageType | null> {
    const uuid = decodeId('msg', id);
    const row = uuid === undefined ? undefined : await this.loaders.messages(context).load(uuid);
    return row === undefined ? null : toMessage(row);
  }
}
