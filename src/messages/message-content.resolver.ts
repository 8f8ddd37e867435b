import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { topError } from '../graphql/postern-error.js';
import type { GraphqlContext } from '../graphql/request-context.js';
import { holdsScope } from '../domain/principal.js';
import { MessageContentType, toMessageContent } from './message-content.type.js';
import { MessageLoaders } from './message-loaders.js';
import { MessageType } from './message.type.js';

/** Most bytes of content one query may read: a page of 100 messages could hold gigabytes. */
const MAX_CONTENT_BYTES = 64 * 1024 * 1024;

@Resolver(() => MessageType)
export class MessageContentResolver {
  constructor(private readonly loaders: MessageLoaders) {}

  @ResolveField('content', () => MessageContentType, {
    nullable: true,
    description: 'What it says; null when that is no longer kept. Needs the scope READ.',
  })
  async content(
    @Parent() message: MessageType,
    @Context() context: GraphqlContext,
  ): Promise<MessageContentType | null> {
    // A mutation answers with messages too, and needs only SEND.
    if (context.principal === undefined || !holdsScope(context.principal, 'READ')) {
      throw topError('FORBIDDEN', 'This needs the scope READ.');
    }
    spend(context, message.sizeBytes);
    const content = await this.loaders.contents(context).load(message.uuid);
    return content === undefined ? null : toMessageContent(content);
  }
}

function spend(context: GraphqlContext, bytes: number): void {
  // Elsewhere an operation lives on; each of its events names one message.
  if (context.transport !== 'http') return;
  const spent = Number(context.loaders.get('message.contentBytes') ?? 0) + bytes;
  context.loaders.set('message.contentBytes', spent);
  // A single message is always readable.
  if (spent > MAX_CONTENT_BYTES && spent > bytes) {
    throw topError(
      'QUERY_TOO_COMPLEX',
      'The contents of these messages are too large together: ask for fewer at a time.',
    );
  }
}
