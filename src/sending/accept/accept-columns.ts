import { EVENT_TYPE_CODES } from '../../domain/delivery-event.js';
import { IN_DOUBT_POLICIES } from '../../domain/in-doubt-policy.js';
import { laneCode } from '../../domain/lane.js';
import type { Mailbox } from '../../domain/message-draft.js';
import { statusCode } from '../../domain/recipient-status.js';
import { type RecipientKind, recipientKindCode } from '../../messages/recipient-kind.js';
import { writeParts } from '../../messages/stored-parts.js';
import type { NewMessage } from './new-message.js';

/** Text and bytes of many messages end to end, each found again by offset (from 1) and length. */
class Bytes {
  private readonly pieces: (Buffer | string)[] = [];
  private length = 0;

  /** Where the piece begins and how long it is; nulls for none. */
  add(piece: Buffer | string | undefined): [at: number | null, length: number | null] {
    if (piece === undefined) return [null, null];
    const at = this.length + 1;
    const length = Buffer.byteLength(piece);
    this.pieces.push(piece);
    this.length += length;
    return [at, length];
  }

  /** Written in place: a buffer of each text first costs half as much again at 20 KB. */
  concat(): Buffer {
    const all = Buffer.allocUnsafe(this.length);
    let end = 0;
    for (const piece of this.pieces) end += typeof piece === 'string' ? all.write(piece, end) : piece.copy(all, end);
    return all;
  }
}

const columns = (count: number): unknown[][] => Array.from({ length: count }, () => []);

function push(target: unknown[][], row: readonly unknown[]): void {
  for (const [i, value] of row.entries()) target[i]?.push(value);
}

/** The parameters of ACCEPT_MESSAGES. */
export function acceptColumns(messages: readonly NewMessage[]): unknown[] {
  const bytes = new Bytes();
  const perMessage = columns(17);
  const pieces = columns(6);
  const perRecipient = columns(12);
  const perAttachment = columns(5);
  for (const message of messages) {
    const { draft } = message;
    push(perMessage, messageRow(message));
    push(pieces, [...bytes.add(draft.text), ...bytes.add(draft.html), ...bytes.add(writeParts(draft))]);
    pushRecipients(perRecipient, message);
    for (const [n, attachment] of draft.attachments.entries()) {
      push(perAttachment, [message.tenantId, message.id, n, ...bytes.add(attachment.content)]);
    }
  }
  return [...perMessage, bytes.concat(), ...pieces, ...perRecipient, ...perAttachment, EVENT_TYPE_CODES.ACCEPTED];
}

function messageRow(message: NewMessage): unknown[] {
  const { draft } = message;
  return [
    message.tenantId,
    message.id,
    laneCode(draft.lane),
    message.sandbox,
    IN_DOUBT_POLICIES.indexOf(draft.inDoubt),
    draft.idempotencyKey ?? null,
    message.fingerprint ?? null,
    draft.from.address.value,
    draft.from.name ?? null,
    draft.subject,
    message.messageIdHeader,
    arrayLiteral(draft.tags),
    draft.metadata === undefined ? null : JSON.stringify(draft.metadata),
    draft.to.length + draft.cc.length + draft.bcc.length,
    message.size,
    draft.sendAt ?? null,
    draft.expiresAt ?? null,
  ];
}

function pushRecipients(target: unknown[][], message: NewMessage): void {
  const { draft, status } = message;
  const data = `{"status":"${status}"}`;
  const lane = status === 'HELD' ? null : laneCode(draft.lane);
  const due = status === 'SCHEDULED' ? draft.sendAt : null;
  let n = 0;
  for (const { kind, mailbox } of recipientsOf(message)) {
    const { value, domain } = mailbox.address;
    const name = mailbox.name ?? null;
    const own = [message.tenantId, message.id, n, recipientKindCode(kind), value, name, domain];
    push(target, [...own, statusCode(status), data, lane, due, draft.expiresAt ?? null]);
    n += 1;
  }
}

/** The recipients in the order of their numbers. */
export function* recipientsOf({ draft }: NewMessage): Generator<{ kind: RecipientKind; mailbox: Mailbox }> {
  for (const mailbox of draft.to) yield { kind: 'TO', mailbox };
  for (const mailbox of draft.cc) yield { kind: 'CC', mailbox };
  for (const mailbox of draft.bcc) yield { kind: 'BCC', mailbox };
}

/** Arrays of different lengths cannot be one array in PostgreSQL: each goes as its literal. */
function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;
}
