import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AuthModule } from './auth/auth.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Config } from './config/config.js';
import { DatabaseModule } from './database/database.module.js';
import { EventsModule } from './events/events.module.js';
import { FeedbackModule } from './feedback/feedback.module.js';
import { ExceptionFilter } from './graphql/exception.filter.js';
import { PosternGraphqlModule } from './graphql/graphql.module.js';
import { HealthModule } from './health/health.module.js';
import { IdentitiesModule } from './identities/identities.module.js';
import { MessagesModule } from './messages/messages.module.js';
import { SendingModule } from './sending/sending.module.js';
import { SandboxViewModule } from './sending/transports/sandbox/sandbox-view.module.js';
import { TelemetryModule } from './telemetry/telemetry.module.js';

/** The list of features. A worker has no doors for callers, only health and metrics. */
@Module({})
export class AppModule {
  static of(config: Config, databaseUrl: string): DynamicModule {
    const doors = config.role === 'worker' ? [] : [AuthModule, PosternGraphqlModule, SandboxViewModule, FeedbackModule];
    return {
      module: AppModule,
      imports: [
        ConfigModule.of(config),
        TelemetryModule.of(config),
        DatabaseModule.of(databaseUrl),
        ...doors,
        MessagesModule,
        IdentitiesModule,
        EventsModule,
        SendingModule.of(config.role),
        HealthModule,
      ],
      providers: [{ provide: APP_FILTER, useClass: ExceptionFilter }],
    };
  }
}
