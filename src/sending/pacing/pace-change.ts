import type { PaceState } from '../../domain/pace.js';
import type { PaceKey } from './pace-key.js';

/** OPENED: nothing goes any more. CLOSED: it works again, at first slowly. SLOWED: it asked for less. */
export type PaceChangeName = 'OPENED' | 'CLOSED' | 'SLOWED';

/** A line in the history of a provider. */
export interface PaceChange {
  readonly key: PaceKey;
  readonly change: PaceChangeName;
  readonly note: string;
}

const MOST_NOTE = 300;

/** What the history says about a change, if anything: probes that fail one after the other are no news. */
export function toldChange(
  key: PaceKey,
  note: string,
): (before: PaceState, after: PaceState) => PaceChange | undefined {
  return (before, after) => {
    const change = changeName(before, after);
    return change === undefined ? undefined : { key, change, note: note.slice(0, MOST_NOTE) };
  };
}

function changeName(before: PaceState, after: PaceState): PaceChangeName | undefined {
  if (after.kind === 'FLOWING' && before.kind === 'FLOWING') {
    return before.rate === undefined && after.rate !== undefined ? 'SLOWED' : undefined;
  }
  if (after.kind === 'FLOWING') return 'CLOSED';
  return before.kind === 'FLOWING' ? 'OPENED' : undefined;
}
