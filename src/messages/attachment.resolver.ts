import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/request-context.js';
import { AttachmentType } from './message-content.type.js';
import { MessageLoaders } from './message-loaders.js';

@Resolver(() => AttachmentType)
export class AttachmentResolver {
  constructor(private readonly loaders: MessageLoaders) {}

  @ResolveField('base64', () => String, { nullable: true, description: 'The bytes, in base64.' })
  async base64(@Parent() attachment: AttachmentType, @Context() context: GraphqlContext): Promise<string | null> {
    const files = await this.loaders.attachments(context).load(attachment.messageUuid);
    return files?.get(attachment.n)?.toString('base64') ?? null;
  }
}
