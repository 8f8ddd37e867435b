/**
 * How far a reader has come in the event log: everything visible in `target` but not in `base`,
 * ordered by (tx, id), has been read up to (tx, id). A plain snapshot, "everything up to here", has
 * no target and stands at tx 0, id 0.
 */
export interface EventCursor {
  /** Snapshot text of PostgreSQL, `xmin:xmax:xip,…`. */
  readonly base: string;
  readonly target: string | undefined;
  /** Transaction id (xid8) of the last event read. */
  readonly tx: string;
  /** Number of the last event read. */
  readonly id: string;
  /** When the cursor was made, for telling whether the log is still kept that far back. */
  readonly atMs: number;
}

const VERSION = '1';

// A snapshot names every transaction in progress, some 10 characters each: room for 1,700 twice.
const MAX_LENGTH = 48 * 1024;

const MAX_XID = 2n ** 64n - 1n;
const MAX_BIGINT = 2n ** 63n - 1n;
const MAX_DATE_MS = 8_640_000_000_000_000n;

/** The cursor as clients hold it. */
export function encodeCursor(cursor: EventCursor): string {
  const parts = [VERSION, cursor.base, cursor.target ?? '', cursor.tx, cursor.id, String(cursor.atMs)];
  return Buffer.from(parts.join('|'), 'latin1').toString('base64url');
}

/**
 * The cursor behind a client's text, or undefined when it is not one of ours. The parts go into
 * SQL parameters of type pg_snapshot, xid8 and bigint: what passes here never fails there.
 */
export function decodeCursor(text: string): EventCursor | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // Node skips what is not base64: only the one spelling we would write ourselves is taken.
  if (bytes.toString('base64url') !== text) return undefined;

  const [version, base, target, tx, id, atMs, ...rest] = bytes.toString('latin1').split('|');
  if (version !== VERSION || rest.length > 0) return undefined;
  if (!isSnapshot(base) || !(target === '' || isSnapshot(target))) return undefined;
  if (!isNumber(tx, MAX_XID) || !isNumber(id, MAX_BIGINT) || !isNumber(atMs, MAX_DATE_MS)) return undefined;
  return { base, target: target === '' ? undefined : target, tx, id, atMs: Number(atMs) };
}

/** Digits without leading zeros, up to and including the limit. */
function isNumber(text: string | undefined, limit: bigint): text is string {
  return text !== undefined && /^(?:0|[1-9]\d{0,19})$/.test(text) && BigInt(text) <= limit;
}

/** What pg_snapshot_in accepts: xmin from 1, xmin <= xmax, and xip ascending in between. */
function isSnapshot(text: string | undefined): text is string {
  const parts = text?.split(':') ?? [];
  const [xmin, xmax, xip] = parts;
  if (xip === undefined || parts.length > 3 || !isNumber(xmin, MAX_XID) || !isNumber(xmax, MAX_XID)) return false;

  const high = BigInt(xmax);
  let last = BigInt(xmin) - 1n;
  if (last < 0n || high <= last) return false;
  for (const entry of xip === '' ? [] : xip.split(',')) {
    if (!isNumber(entry, MAX_XID) || BigInt(entry) <= last || BigInt(entry) >= high) return false;
    last = BigInt(entry);
  }
  return true;
}
