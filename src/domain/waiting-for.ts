import type { RecipientStatus } from './recipient-status.js';

/** Why a worker put a job back, with the smallint stored for it (never renumbered). */
const WAITING_CODES = {
  RETRY: 1,
  RATE_LIMIT: 2,
  BREAKER: 3,
  SITE: 4,
  ROUTE: 5,
  DOUBT: 6,
} as const;

export type StoredWaiting = keyof typeof WAITING_CODES;

const BY_CODE = new Map<number, StoredWaiting>(
  (Object.keys(WAITING_CODES) as StoredWaiting[]).map((name) => [WAITING_CODES[name], name]),
);

export function waitingCode(kind: StoredWaiting): number {
  return WAITING_CODES[kind];
}

/** Everything a recipient can wait for, as readers see it. */
export type WaitingKind = StoredWaiting | 'SCHEDULE' | 'LANE_PAUSED' | 'HOLD' | 'WORKER';

/** A recipient's job as it is in the queue. */
export interface QueuedJob {
  readonly dueAt: Date;
  /** By the database's clock. */
  readonly isDue: boolean;
  /** As stored by waitingCode. */
  readonly waitingFor: number | null;
  readonly waitingOn: string | null;
  readonly lanePaused: boolean;
}

export interface Waiting {
  readonly kind: WaitingKind;
  /** The provider or site, where it is one. */
  readonly on: string | undefined;
  /** When it is looked at again; it may go earlier. */
  readonly until: Date | undefined;
}

const WAITS: ReadonlySet<RecipientStatus> = new Set(['SCHEDULED', 'QUEUED', 'DEFERRED', 'IN_DOUBT']);

/** What a recipient waits for; undefined for one that does not. */
export function waitingFor(status: RecipientStatus, job: QueuedJob | undefined): Waiting | undefined {
  if (status === 'HELD') return { kind: 'HOLD', on: undefined, until: undefined };
  if (!WAITS.has(status)) return undefined;
  if (job === undefined) return status === 'IN_DOUBT' ? { kind: 'DOUBT', on: undefined, until: undefined } : undefined;
  if (!job.isDue) return later(job);
  return { kind: job.lanePaused ? 'LANE_PAUSED' : 'WORKER', on: undefined, until: undefined };
}

function later({ dueAt, waitingFor: code, waitingOn }: QueuedJob): Waiting {
  const kind = (code === null ? undefined : BY_CODE.get(code)) ?? 'SCHEDULE';
  return { kind, on: waitingOn === null || waitingOn === '' ? undefined : waitingOn, until: dueAt };
}
