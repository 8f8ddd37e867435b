import type { StoredEvent } from './stored-event.js';

/** What a stream of events tells, in this order: perhaps a gap, the stored events, the notice, live events. */
export type StreamItem =
  | { readonly kind: 'event'; readonly cursor: string; readonly event: StoredEvent }
  | { readonly kind: 'caughtUp'; readonly cursor: string }
  | { readonly kind: 'gap'; readonly keptSince: Date; readonly resumeAfter: string };
