import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { AcceptModule } from './accept/accept.module.js';
import { DeliveryModule } from './delivery/delivery.module.js';
import { LanesModule } from './lanes/lanes.module.js';
import { ProviderAdministrationModule } from './providers/administration/provider-administration.module.js';
import { ScorecardViewModule } from './scorecard/scorecard-view.module.js';
import { SandboxViewModule } from './transports/sandbox/sandbox-view.module.js';

/** Accepting for the api role, delivering for the worker role, both for `all`. */
@Module({})
export class SendingModule {
  static of(role: Config['role']): DynamicModule {
    const accept =
      role === 'worker'
        ? []
        : [AcceptModule, LanesModule, ProviderAdministrationModule, ScorecardViewModule, SandboxViewModule];
    const delivery = role === 'api' ? [] : [DeliveryModule];
    return { module: SendingModule, imports: [...accept, ...delivery] };
  }
}
