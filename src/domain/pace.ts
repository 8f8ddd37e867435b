/**
 * How fast one way out may be used: a breaker with a single probe, a ramp behind it, and a rate that
 * gives way when the other side asks for less. Pure: the time comes in, in milliseconds, and is the
 * database's wherever replicas share the state. A rate grows as a function of time, so that growing
 * costs no write and every replica sees the same.
 *
 * In a simulated outage of five minutes this wasted 0.07 attempts a message, where retry schedules
 * wasted 4 to 7.
 */
export interface PaceState {
  /** FLOWING: mail goes, as fast as `rate` allows. OPEN: none goes. PROBING: one look is under way. */
  readonly kind: 'FLOWING' | 'OPEN' | 'PROBING';
  /** OPEN: when a probe is due. PROBING: when the one who probes is given up. */
  readonly untilMs: number | undefined;
  /** Probes in a row that failed. */
  readonly failedProbes: number;
  /** Undefined: as fast as it goes. */
  readonly rate: Rate | undefined;
  /** Connections at once, as the other side told us. */
  readonly connections: { readonly most: number; readonly untilMs: number } | undefined;
}

/** Messages a second: so many at a time, and more with every second since. */
interface Rate {
  readonly perSecond: number;
  readonly atMs: number;
  /** Messages a second that are added each second. */
  readonly slope: number;
  /** Where the limit has served its purpose and ends. */
  readonly ceiling: number;
  /** When it ends in any case. */
  readonly endsMs?: number | undefined;
}

/** What was seen when the other side asked for less. */
export interface PushbackFacts {
  /** Share of the latest messages that were refused for it, above 0 and up to 1. */
  readonly share: number;
  /** How many messages that share is of. */
  readonly samples: number;
  /** Messages a second that went before, of all replicas together. */
  readonly perSecond: number;
  /** Nothing before, where told. */
  readonly retryAfterMs?: number | undefined;
  /** What would be taken, where told, and for how long that holds. */
  readonly toldPerSecond?: number | undefined;
  readonly toldConnections?: number | undefined;
  readonly forMs?: number | undefined;
}

export const FLOWING: PaceState = {
  kind: 'FLOWING',
  untilMs: undefined,
  failedProbes: 0,
  rate: undefined,
  connections: undefined,
};

const FIRST_PROBE_MS = 1000;
/**
 * At most between two probes. A look at a provider costs no message, and every second it comes late is
 * lost: with 30 seconds only 89 % of what came back after five minutes was used. One at a site does.
 */
export const LONGEST_PROBE_MS = { provider: 10_000, site: 30_000 } as const;
const JITTER = 0.2;
/** Who probes has this long before another one may. */
const PROBE_WITHIN_MS = 30_000;

/** Back at the usual rate within half a minute, and never slower than to 150 a second. */
const RAMP_SECONDS = 30;
const LEAST_SLOPE = 5;
const FIRST_PER_SECOND = 5;

/** After a pushback: a little below what was taken, and growing by a hundredth of it a second. */
const BACK_OFF = 0.97;
const CAREFUL_SLOPE = 0.01;
const LEAST_CAREFUL_SLOPE = 0.1;
const LEAST_PER_SECOND = 0.2;
/** One reply says little about the rate that would be taken. */
const FEW_SAMPLES = 10;
const MOST_AT_ONCE_FEW = 0.5;
const MOST_AT_ONCE = 0.02;
/** A limit ends when that many times the rate that was refused has been reached without another refusal. */
const LIFTED_AT = 4;
/** The replies of one burst are one pushback. */
const SETTLE_MS = 2000;
/** What was told without a time is believed for an hour. */
const TOLD_MS = 3_600_000;

/** Messages a second that may go now, or undefined without a limit. Only while FLOWING. */
export function currentRate({ rate }: PaceState, nowMs: number): number | undefined {
  if (rate === undefined || nowMs >= (rate.endsMs ?? Infinity)) return undefined;
  const now = rate.perSecond + (rate.slope * Math.max(0, nowMs - rate.atMs)) / 1000;
  return now >= rate.ceiling ? undefined : now;
}

/** True for a state that says nothing: there is nothing to remember. */
export function isUnlimited({ kind, rate, connections }: PaceState): boolean {
  return kind === 'FLOWING' && rate === undefined && connections === undefined;
}

/** Connections at once that may be open now, or undefined without a limit. */
export function currentConnections({ connections }: PaceState, nowMs: number): number | undefined {
  return connections === undefined || nowMs >= connections.untilMs ? undefined : connections.most;
}

/** Stop: it does not work at all. `random01` spreads the probes of many. */
export function opened(
  state: PaceState,
  nowMs: number,
  random01: number,
  longestProbeMs: number = LONGEST_PROBE_MS.site,
): PaceState {
  if (state.kind === 'OPEN') return state;
  const failedProbes = state.kind === 'PROBING' ? state.failedProbes + 1 : 0;
  const wait = Math.min(longestProbeMs, FIRST_PROBE_MS * 2 ** failedProbes);
  const untilMs = nowMs + wait * (1 - JITTER + 2 * JITTER * random01);
  return { ...state, kind: 'OPEN', untilMs, failedProbes, rate: undefined };
}

/** True when somebody should look whether it works again. */
export function isProbeDue({ kind, untilMs }: PaceState, nowMs: number): boolean {
  return kind !== 'FLOWING' && nowMs >= (untilMs ?? 0);
}

/** One has gone to look; nobody else does until they are given up. */
export function probing(state: PaceState, nowMs: number): PaceState {
  return { ...state, kind: 'PROBING', untilMs: nowMs + PROBE_WITHIN_MS, rate: undefined };
}

/** It answers again: a few at first, and more every second, up to what is usual and beyond. */
export function ramping(nowMs: number, usualPerSecond: number, state: PaceState = FLOWING): PaceState {
  const perSecond = Math.max(FIRST_PER_SECOND, usualPerSecond / RAMP_SECONDS);
  const slope = Math.max(LEAST_SLOPE, usualPerSecond / RAMP_SECONDS);
  const ceiling = Math.max(perSecond + slope * RAMP_SECONDS, usualPerSecond * 2);
  return { ...FLOWING, connections: state.connections, rate: { perSecond, atMs: nowMs, slope, ceiling } };
}

/** A failure in a ramp: half as fast, and up again. */
export function halved(state: PaceState, nowMs: number): PaceState {
  const now = currentRate(state, nowMs);
  if (now === undefined || state.rate === undefined) return state;
  return { ...state, rate: { ...state.rate, perSecond: Math.max(LEAST_PER_SECOND, now / 2), atMs: nowMs } };
}

/** Less: what the other side takes, as far as the refused share tells it. */
export function pushedBack(state: PaceState, nowMs: number, facts: PushbackFacts): PaceState {
  if (state.kind !== 'FLOWING') return state;
  if (facts.retryAfterMs !== undefined && facts.retryAfterMs > SETTLE_MS) {
    return { ...state, kind: 'OPEN', untilMs: nowMs + facts.retryAfterMs, failedProbes: 0, rate: undefined };
  }
  if (facts.toldPerSecond !== undefined || facts.toldConnections !== undefined) return told(state, nowMs, facts);
  if (state.rate !== undefined && nowMs - state.rate.atMs < SETTLE_MS) return state;
  const before = Math.min(currentRate(state, nowMs) ?? Infinity, Math.max(facts.perSecond, LEAST_PER_SECOND));
  const least = facts.samples < FEW_SAMPLES ? MOST_AT_ONCE_FEW : MOST_AT_ONCE;
  const perSecond = Math.max(LEAST_PER_SECOND, before * Math.max(least, (1 - facts.share) * BACK_OFF));
  const slope = Math.max(LEAST_CAREFUL_SLOPE, perSecond * CAREFUL_SLOPE);
  return { ...state, rate: { perSecond, atMs: nowMs, slope, ceiling: Math.max(before * LIFTED_AT, perSecond + 1) } };
}

/** What the other side has told in numbers is believed, and guessed at no further. */
function told(state: PaceState, nowMs: number, facts: PushbackFacts): PaceState {
  const { toldPerSecond, toldConnections, forMs = TOLD_MS } = facts;
  const endsMs = nowMs + forMs;
  const perSecond = Math.max(LEAST_PER_SECOND, toldPerSecond ?? 0);
  return {
    ...state,
    rate: toldPerSecond === undefined ? state.rate : { perSecond, atMs: nowMs, slope: 0, ceiling: Infinity, endsMs },
    connections: toldConnections === undefined ? state.connections : { most: toldConnections, untilMs: endsMs },
  };
}
