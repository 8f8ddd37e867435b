import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { CurrentPrincipal } from '../../auth/current-principal.decorator.js';
import { RequireScope } from '../../auth/require-scope.decorator.js';
import { CONFIG, type Config } from '../../config/config.js';
import type { MessageDraft } from '../../domain/message-draft.js';
import type { Principal } from '../../domain/principal.js';
import { type UserError, userError } from '../../domain/user-error.js';
import type { GraphqlContext } from '../../graphql/request-context.js';
import { toUserError } from '../../graphql/user-error.type.js';
import { MessageLoaders } from '../../messages/message-loaders.js';
import { type Acceptance, refused } from './acceptance.js';
import { BatchAcceptor } from './batch-acceptor.js';
import { MessageAcceptor } from './message-acceptor.js';
import { MessageReader } from './message-reader.js';
import type { ReadMessage } from './read-message.js';
import { SendMessageInput } from './send-message.input.js';
import { SendMessagesInput } from './send-messages.input.js';
import { SendMessagePayload, SendMessagesPayload } from './send-message.type.js';
import { earliest, toPayload, toResult } from './to-payload.js';

@Resolver()
export class SendMessageResolver {
  constructor(
    private readonly reader: MessageReader,
    private readonly acceptor: MessageAcceptor,
    private readonly batches: BatchAcceptor,
    private readonly loaders: MessageLoaders,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @RequireScope('SEND')
  @Mutation(() => SendMessagePayload, {
    description: 'Accepts a message. When it answers with the message, that is on disk and will be sent.',
  })
  async sendMessage(
    @CurrentPrincipal() principal: Principal,
    @Context() context: GraphqlContext,
    @Args('input', { description: 'The message.' }) input: SendMessageInput,
  ): Promise<SendMessagePayload> {
    const read = await this.reader.read(principal, input, context.idempotencyKey, new Date());
    const acceptance = 'errors' in read ? refused(...read.errors) : await this.acceptor.accept(principal, read.draft);
    this.prime(context, acceptance);
    return toPayload(acceptance);
  }

  @RequireScope('SEND')
  @Mutation(() => SendMessagesPayload, {
    description:
      'Accepts many messages in one transaction. With the header Idempotency-Key, messages without a key of their own get that key and their index.',
  })
  async sendMessages(
    @CurrentPrincipal() principal: Principal,
    @Context() context: GraphqlContext,
    @Args('input', { description: 'The messages.' }) input: SendMessagesInput,
  ): Promise<SendMessagesPayload> {
    const { messages, atomic } = input;
    const problem = sizeProblem(messages.length, this.config.maxBatch);
    if (problem !== undefined) return { results: [], cursor: null, userErrors: [toUserError(problem)] };
    const now = new Date();
    const read = await Promise.all(
      messages.map((message, i) => {
        const key = context.idempotencyKey === undefined ? undefined : `${context.idempotencyKey}/${i}`;
        return this.reader.read(principal, message, message.idempotencyKey == null ? key : undefined, now);
      }),
    );
    const acceptances = await this.acceptBatch(principal, read, atomic === true);
    for (const acceptance of acceptances) this.prime(context, acceptance);
    return { results: acceptances.map(toResult), cursor: earliest(acceptances), userErrors: [] };
  }

  private async acceptBatch(
    principal: Principal,
    read: readonly ReadMessage[],
    atomic: boolean,
  ): Promise<Acceptance[]> {
    const aborted = refused(userError('BATCH_ABORTED', []));
    if (atomic && read.some((one) => 'errors' in one)) {
      return read.map((one) => ('errors' in one ? refused(...one.errors) : aborted));
    }
    const drafts: MessageDraft[] = read.flatMap((one) => ('draft' in one ? [one.draft] : []));
    const accepted = (await this.batches.accept(principal, drafts, atomic)).values();
    return read.map((one) => ('errors' in one ? refused(...one.errors) : (accepted.next().value ?? aborted)));
  }

  /** What was just written need not be read when the answer asks for it. */
  private prime(context: GraphqlContext, acceptance: Acceptance): void {
    if (acceptance.kind !== 'accepted') return;
    this.loaders.recipients(context).prime(acceptance.message.id, acceptance.recipients);
  }
}

function sizeProblem(size: number, most: number): UserError | undefined {
  if (size === 0) return userError('REQUIRED', ['messages'], 'Give at least one message.');
  if (size <= most) return undefined;
  return userError('TOO_MANY', ['messages'], `Give at most ${most} messages; these are ${size}.`);
}
