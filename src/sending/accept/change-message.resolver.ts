import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { CurrentPrincipal } from '../../auth/current-principal.decorator.js';
import { RequireScope } from '../../auth/require-scope.decorator.js';
import { encodeCursor } from '../../domain/event-cursor.js';
import { decodeId, decodeRecipientId } from '../../domain/opaque-id.js';
import type { Principal } from '../../domain/principal.js';
import { type UserError, userError } from '../../domain/user-error.js';
import type { GraphqlContext } from '../../graphql/request-context.js';
import { validateInput } from '../../graphql/input-validator.js';
import { toUserError } from '../../graphql/user-error.type.js';
import { MessageLoaders } from '../../messages/message-loaders.js';
import { type MessageType, toMessage } from '../../messages/message.type.js';
import {
  CancelMessageInput,
  ReleaseMessageInput,
  RescheduleMessageInput,
  ResolveInDoubtInput,
} from './change-message.input.js';
import {
  CancelMessagePayload,
  ReleaseMessagePayload,
  RescheduleMessagePayload,
  ResolveInDoubtPayload,
} from './change-message.type.js';
import { type Change, PendingMessages } from './pending-messages.js';

interface ChangePayload {
  message: MessageType | null;
  cursor: string | null;
  userErrors: ReturnType<typeof toUserError>[];
}

@Resolver()
export class ChangeMessageResolver {
  constructor(
    private readonly pending: PendingMessages,
    private readonly loaders: MessageLoaders,
  ) {}

  @RequireScope('SEND')
  @Mutation(() => CancelMessagePayload, { description: 'Cancels what is scheduled, queued, deferred or held.' })
  async cancelMessage(
    @CurrentPrincipal() principal: Principal,
    @Context() context: GraphqlContext,
    @Args('input', { description: 'The message.' }) input: CancelMessageInput,
  ): Promise<CancelMessagePayload> {
    const id = messageIdOf(CancelMessageInput, input);
    if (typeof id !== 'string') return refuse(id);
    return this.answer(context, id, await this.pending.cancel(principal, id));
  }

  @RequireScope('SEND')
  @Mutation(() => RescheduleMessagePayload, {
    description: 'Gives another time to what is scheduled, queued or deferred.',
  })
  async rescheduleMessage(
    @CurrentPrincipal() principal: Principal,
    @Context() context: GraphqlContext,
    @Args('input', { description: 'The message and its new time.' }) input: RescheduleMessageInput,
  ): Promise<RescheduleMessagePayload> {
    const id = messageIdOf(RescheduleMessageInput, input);
    if (typeof id !== 'string') return refuse(id);
    return this.answer(context, id, await this.pending.reschedule(principal, id, input.sendAt));
  }

  @RequireScope('SEND')
  @Mutation(() => ReleaseMessagePayload, { description: 'Lets a held message be sent, at its sendAt or at once.' })
  async releaseMessage(
    @CurrentPrincipal() principal: Principal,
    @Context() context: GraphqlContext,
    @Args('input', { description: 'The message.' }) input: ReleaseMessageInput,
  ): Promise<ReleaseMessagePayload> {
    const id = messageIdOf(ReleaseMessageInput, input);
    if (typeof id !== 'string') return refuse(id);
    return this.answer(context, id, await this.pending.release(principal, id));
  }

  @RequireScope('SEND')
  @Mutation(() => ResolveInDoubtPayload, { description: 'Settles whether the mail of a recipient in doubt was taken.' })
  async resolveInDoubt(
    @CurrentPrincipal() principal: Principal,
    @Context() context: GraphqlContext,
    @Args('input', { description: 'The recipient and the answer.' }) input: ResolveInDoubtInput,
  ): Promise<ResolveInDoubtPayload> {
    const errors = validateInput(ResolveInDoubtInput, input, []);
    const recipient = decodeRecipientId(input.recipientId);
    if (errors.length > 0) return refuse(errors);
    if (recipient === undefined) return refuse([userError('NOT_FOUND', ['recipientId'])]);
    const { messageId, n } = recipient;
    return this.answer(context, messageId, await this.pending.resolve(principal, messageId, n, input.resolution));
  }

  private async answer(context: GraphqlContext, id: string, change: Change): Promise<ChangePayload> {
    if (change.kind === 'refused') return refuse([change.error]);
    // Another mutation of the same document may have read it before.
    const row = await this.loaders.messages(context).clear(id).load(id);
    this.loaders.recipients(context).clear(id);
    const message = row === undefined ? null : toMessage(row);
    return { message, cursor: encodeCursor(change.cursor), userErrors: [] };
  }
}

function messageIdOf<T extends { id: string }>(type: new () => T, input: T): string | UserError[] {
  const errors = validateInput(type, input, []);
  if (errors.length > 0) return errors;
  return decodeId('msg', input.id) ?? [userError('NOT_FOUND', ['id'])];
}

function refuse(errors: readonly UserError[]): ChangePayload {
  return { message: null, cursor: null, userErrors: errors.map(toUserError) };
}
