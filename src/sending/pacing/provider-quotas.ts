import { Injectable } from '@nestjs/common';
import type { Lane } from '../../domain/lane.js';
import { DailyQuota } from './daily-quota.js';
import type { Taken } from './rate-tokens.js';

/** What a provider allows our account. */
interface Quota {
  readonly perSecond?: number | undefined;
  readonly perDay?: number | undefined;
}

const NO_QUOTA: Quota = {};

/** The limits of our accounts: as operators have set them, or else as the providers tell when they are asked. */
@Injectable()
export class ProviderQuotas {
  private readonly told = new Map<string, Quota>();

  constructor(private readonly days: DailyQuota) {}

  tell(provider: string, quota: Quota): void {
    this.told.set(provider, quota);
  }

  of(provider: string, set: Quota): Quota {
    const { perSecond, perDay } = this.told.get(provider) ?? NO_QUOTA;
    return { perSecond: set.perSecond ?? perSecond, perDay: set.perDay ?? perDay };
  }

  takeOfDay(provider: string, perDay: number, lane: Lane): Taken | Promise<Taken> {
    return this.days.take(provider, perDay, lane);
  }
}
