import { type EventCursor, encodeCursor } from '../../domain/event-cursor.js';
import { toUserError } from '../../graphql/user-error.type.js';
import { toMessage } from '../../messages/message.type.js';
import type { Acceptance } from './acceptance.js';
import type { SendMessagePayload, SendMessagesResult } from './send-message.type.js';

export function toPayload(acceptance: Acceptance): SendMessagePayload {
  if (acceptance.kind === 'refused') {
    return { message: null, replayed: false, cursor: null, userErrors: acceptance.errors.map(toUserError) };
  }
  const { message, cursor, kind } = acceptance;
  return { message: toMessage(message), replayed: kind === 'replayed', cursor: encodeCursor(cursor), userErrors: [] };
}

export function toResult(acceptance: Acceptance, index: number): SendMessagesResult {
  if (acceptance.kind === 'refused') {
    return { index, message: null, replayed: false, userErrors: acceptance.errors.map(toUserError) };
  }
  return { index, message: toMessage(acceptance.message), replayed: acceptance.kind === 'replayed', userErrors: [] };
}

/** The cursor that lies before all of them, or null when nothing was accepted. */
export function earliest(acceptances: readonly Acceptance[]): string | null {
  let first: EventCursor | undefined;
  for (const acceptance of acceptances) {
    if (acceptance.kind === 'refused') continue;
    if (first === undefined || oldestXid(acceptance.cursor) < oldestXid(first)) first = acceptance.cursor;
  }
  return first === undefined ? null : encodeCursor(first);
}

/** The xmin of the snapshot: everything before it has been read. */
function oldestXid({ base }: EventCursor): bigint {
  return BigInt(base.slice(0, base.indexOf(':')));
}
