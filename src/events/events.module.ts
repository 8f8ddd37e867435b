import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/messages.module.js';
import { EventHub } from './event-hub.js';
import { EventList } from './event-list.js';
import { EventLoaders } from './event-loaders.js';
import { EventLogRepository } from './event-log.repository.js';
import { EventRecorder } from './event-recorder.js';
import { EventStreams } from './event-stream.js';
import { EventTail } from './event-tail.js';
import { EventsResolver } from './events.resolver.js';
import { MessageHistoryResolver, RecipientHistoryResolver } from './history.resolver.js';

/** The log of what happened: the one door to write it, and every way to read it. */
@Module({
  imports: [MessagesModule],
  providers: [
    EventRecorder,
    EventLogRepository,
    EventTail,
    EventHub,
    EventStreams,
    EventList,
    EventLoaders,
    EventsResolver,
    MessageHistoryResolver,
    RecipientHistoryResolver,
  ],
  exports: [EventRecorder],
})
export class EventsModule {}
