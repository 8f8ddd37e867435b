import { Injectable } from '@nestjs/common';
import type { DeliverableMessage } from '../../messages/message-content.repository.js';
import type { WayLimits } from '../pacing/pacer.js';
import type { Transport } from '../transports/transport.js';
import { Transports } from '../transports/transports.js';
import type { ClaimedJob } from './claimed-job.js';

/** A provider a message may take. */
export interface ProviderWay {
  readonly provider: string;
  readonly transport: Transport;
  readonly limits: WayLimits;
}

/** Finds the providers for a recipient, the first choice first. */
@Injectable()
export class WayFinder {
  constructor(private readonly transports: Transports) {}

  find(job: ClaimedJob, message: DeliverableMessage, domain: string): readonly ProviderWay[] {
    const transport = this.transports.pick({ sandbox: message.sandbox, domain });
    if (transport === undefined) return [];
    const ways = [{ provider: transport.name, transport, limits: {} }];
    return job.provider === undefined ? ways : ways.filter(({ provider }) => provider === job.provider);
  }
}
