import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { ProvidersModule } from '../sending/providers/providers.module.js';
import { AmazonSns } from './read/amazon-sns.js';
import { NewsDoor } from './news-door.js';
import { NewsMetrics } from './news-metrics.js';
import { NewsReader } from './read/news-reader.js';
import { NewsRecorder } from './news-recorder.js';
import { NewsSweeper } from './news-sweeper.js';
import { NewsRepository } from './news.repository.js';

/** What providers tell about mail they have. */
@Module({
  imports: [EventsModule, ProvidersModule],
  providers: [
    { provide: AmazonSns, useFactory: () => new AmazonSns() },
    NewsReader,
    NewsRepository,
    NewsRecorder,
    NewsMetrics,
    NewsDoor,
    NewsSweeper,
  ],
})
export class FeedbackModule {}
