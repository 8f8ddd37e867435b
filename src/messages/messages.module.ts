import { Module } from '@nestjs/common';
import { AttachmentResolver } from './attachment.resolver.js';
import { MessageContentRepository } from './message-content.repository.js';
import { MessageContentResolver } from './message-content.resolver.js';
import { MessageList } from './message-list.js';
import { MessageLoaders } from './message-loaders.js';
import { MessageRepository } from './message.repository.js';
import { MessageResolver } from './message.resolver.js';
import { RecipientResolver } from './recipient.resolver.js';

/** The ledger of accepted messages and how it is read. */
@Module({
  providers: [
    MessageRepository,
    MessageContentRepository,
    MessageLoaders,
    MessageList,
    MessageResolver,
    MessageContentResolver,
    RecipientResolver,
    AttachmentResolver,
  ],
  exports: [MessageRepository, MessageContentRepository, MessageLoaders],
})
export class MessagesModule {}
