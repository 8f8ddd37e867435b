import { Module } from '@nestjs/common';
import { LaneRepository } from './lane.repository.js';
import { LaneResolver } from './lane.resolver.js';

/** What operators see and decide about lanes. */
@Module({ providers: [LaneRepository, LaneResolver] })
export class LanesModule {}
