import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/request-context.js';
import { AttemptType, toAttempt } from './attempt.type.js';
import { MessageLoaders } from './message-loaders.js';
import { RecipientType } from './recipient.type.js';

@Resolver(() => RecipientType)
export class RecipientResolver {
  constructor(private readonly loaders: MessageLoaders) {}

  @ResolveField('attempts', () => [AttemptType], {
    description: 'Conversations with providers about it, oldest first.',
  })
  async attempts(@Parent() recipient: RecipientType, @Context() context: GraphqlContext): Promise<AttemptType[]> {
    const rows = (await this.loaders.attempts(context).load(recipient.messageUuid)) ?? [];
    return rows.filter((row) => row.n === recipient.n).map(toAttempt);
  }
}
