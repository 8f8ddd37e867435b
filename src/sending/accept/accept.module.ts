import { Module } from '@nestjs/common';
import { EventsModule } from '../../events/events.module.js';
import { IdentitiesModule } from '../../identities/identities.module.js';
import { MessagesModule } from '../../messages/messages.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { AcceptanceRepository } from './acceptance.repository.js';
import { AcceptanceWriter } from './acceptance-writer.js';
import { Acknowledger } from './acknowledger.js';
import { BatchAcceptor } from './batch-acceptor.js';
import { ChangeMessageResolver } from './change-message.resolver.js';
import { MessageAcceptor } from './message-acceptor.js';
import { MessageReader } from './message-reader.js';
import { PendingMessages } from './pending-messages.js';
import { PendingRepository } from './pending.repository.js';
import { ProviderCheck } from './provider-check.js';
import { SenderCheck } from './sender-check.js';
import { SendMessageResolver } from './send-message.resolver.js';

/** Everything an API process takes in: messages, and changes of those that are not sent yet. */
@Module({
  imports: [EventsModule, IdentitiesModule, MessagesModule, ProvidersModule],
  providers: [
    AcceptanceRepository,
    AcceptanceWriter,
    Acknowledger,
    ProviderCheck,
    SenderCheck,
    MessageReader,
    MessageAcceptor,
    BatchAcceptor,
    PendingRepository,
    PendingMessages,
    SendMessageResolver,
    ChangeMessageResolver,
  ],
  exports: [MessageAcceptor, BatchAcceptor],
})
export class AcceptModule {}
