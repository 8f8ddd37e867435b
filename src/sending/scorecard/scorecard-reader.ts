import { Injectable } from '@nestjs/common';
import { type Breaker, breakerOf } from '../../domain/breaker.js';
import { LANES, type Lane } from '../../domain/lane.js';
import { FLOWING } from '../../domain/pace.js';
import { lineProblem } from '../../domain/text-problem.js';
import { topError } from '../../graphql/postern-error.js';
import { laneKey, paceKeyText } from '../pacing/pace-key.js';
import { PaceRepository } from '../pacing/pace.repository.js';
import { type CountSums, type MinuteRange, ProviderMinuteRepository } from './provider-minute.repository.js';

const MINUTE_MS = 60_000;
const DEFAULT_MS = 60 * MINUTE_MS;
/** A week of four lanes is 40,000 rows, added up in a tenth of a second. */
const LONGEST_DAYS = 7;
const LONGEST_MS = LONGEST_DAYS * 1440 * MINUTE_MS;

export interface ScorecardRequest {
  readonly provider: string;
  readonly lane: Lane | undefined;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** How a provider fares. */
export interface Scorecard {
  readonly range: MinuteRange;
  readonly totals: CountSums;
  readonly replies: readonly { readonly reply: string; readonly count: number }[];
  readonly breakers: readonly (Breaker & { readonly lane: Lane })[];
}

/** Adds up what workers have counted. */
@Injectable()
export class ScorecardReader {
  constructor(
    private readonly minutes: ProviderMinuteRepository,
    private readonly paces: PaceRepository,
  ) {}

  async read({ provider, lane, since, until }: ScorecardRequest): Promise<Scorecard> {
    checkProvider(provider);
    const lanes = lane === undefined ? LANES : [lane];
    const { paces, nowMs } = await this.paces.load();
    const range = { provider, lanes, ...wholeMinutes(since, until ?? new Date(nowMs)) };
    const [totals, replies] = await Promise.all([this.minutes.totals(range), this.minutes.replies(range)]);
    const breakers = lanes.map((one) => {
      const pace = paces.get(paceKeyText(laneKey({ provider, lane: one })));
      return { lane: one, ...breakerOf(pace?.state ?? FLOWING, nowMs) };
    });
    return { range, totals, replies, breakers };
  }
}

/** Refuses what no name can be: it would be no text to the database. */
export function checkProvider(provider: string): void {
  const problem = lineProblem(provider);
  if (problem !== undefined) throw topError('BAD_REQUEST', `provider: ${problem}`);
}

/** Counts are by the minute: a minute that has begun in the range, or goes on in it, is in it. */
function wholeMinutes(since: Date | undefined, until: Date): { since: Date; until: Date } {
  const to = Math.ceil(until.getTime() / MINUTE_MS) * MINUTE_MS;
  const from = Math.floor((since?.getTime() ?? to - DEFAULT_MS) / MINUTE_MS) * MINUTE_MS;
  if (from >= to) throw topError('BAD_REQUEST', 'since must be before until.');
  if (to - from > LONGEST_MS) throw topError('BAD_REQUEST', `Ask for at most ${LONGEST_DAYS} days at a time.`);
  return { since: new Date(from), until: new Date(to) };
}
