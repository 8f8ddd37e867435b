import type { Lane } from '../../domain/lane.js';
import type { StoredWaiting } from '../../domain/waiting-for.js';

/** Limits an operator has set, or that a site is known to have. */
export interface WayLimits {
  /** Messages at once, all replicas together. */
  readonly maxConnections?: number | undefined;
  readonly perSecond?: number | undefined;
  readonly burst?: number | undefined;
  readonly perDay?: number | undefined;
}

/** The way one message would take. */
export interface Way {
  readonly provider: string;
  readonly lane: Lane;
  readonly limits: WayLimits;
  /** The recipient's domain, or the site it is delivered to. */
  readonly site: string;
  /** The recipient's. */
  readonly domain: string;
  readonly siteLimits: WayLimits;
  /** We are connected to the site itself: its faults are its own, not the provider's. */
  readonly isDirect: boolean;
}

/** Not now. */
export interface Refusal {
  readonly waitingFor: StoredWaiting;
  /** The provider or the site. */
  readonly on: string;
  readonly waitMs: number;
  /** The way is shut, as opposed to taken by others: nobody knows for how long. */
  readonly isShut?: boolean;
}
