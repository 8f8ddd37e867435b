import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DatabaseIndicator } from './database.indicator.js';
import { Draining } from './draining.js';
import { HealthController } from './health.controller.js';
import { ProcessIndicator } from './process.indicator.js';
import { QueueIndicator } from './queue.indicator.js';
import { Readiness } from './readiness.js';
import { ReadyGauge } from './ready-gauge.js';

/** Live, ready, started. The answer says what is wrong, so a failing probe is not logged every time. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [Draining, ProcessIndicator, DatabaseIndicator, QueueIndicator, Readiness, ReadyGauge],
  exports: [Draining],
})
export class HealthModule {}
