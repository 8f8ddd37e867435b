import { type DynamicModule, Global, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Config } from '../config/config.js';
import { logOptions } from './log-options.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { ServiceLogger } from './service-logger.js';

/** Logs and metrics, for every feature. */
@Global()
@Module({})
export class TelemetryModule {
  static of(config: Pick<Config, 'logLevel'>): DynamicModule {
    return {
      module: TelemetryModule,
      imports: [LoggerModule.forRoot(logOptions(config))],
      controllers: [MetricsController],
      providers: [Metrics, ServiceLogger],
      exports: [Metrics, ServiceLogger],
    };
  }
}
