import { IN_DOUBT_POLICIES } from '../../domain/in-doubt-policy.js';
import { laneCode } from '../../domain/lane.js';
import { statusCode } from '../../domain/recipient-status.js';
import type { MessageRow } from '../../messages/message.entity.js';
import type { RecipientRow } from '../../messages/recipient.entity.js';
import { recipientKindCode } from '../../messages/recipient-kind.js';
import { recipientsOf } from './accept-columns.js';
import type { NewMessage } from './new-message.js';

/** The row that was just written, without reading it back. */
export function acceptedMessage(message: NewMessage, acceptedAt: Date): MessageRow {
  const { draft } = message;
  return {
    tenantId: message.tenantId,
    id: message.id,
    lane: laneCode(draft.lane),
    sandbox: message.sandbox,
    inDoubtPolicy: IN_DOUBT_POLICIES.indexOf(draft.inDoubt),
    idempotencyKey: draft.idempotencyKey ?? null,
    fromAddress: draft.from.address.value,
    fromName: draft.from.name ?? null,
    subject: draft.subject,
    messageIdHeader: message.messageIdHeader,
    tags: draft.tags,
    metadata: draft.metadata ?? null,
    recipientCount: draft.to.length + draft.cc.length + draft.bcc.length,
    sizeBytes: message.size,
    sendAt: draft.sendAt ?? null,
    expiresAt: draft.expiresAt ?? null,
    acceptedAt,
  };
}

/** The recipients as they stood at acceptance. */
export function acceptedRecipients(message: NewMessage, acceptedAt: Date): RecipientRow[] {
  const { id, status, draft } = message;
  const due = status === 'SCHEDULED' ? (draft.sendAt ?? null) : acceptedAt;
  return [...recipientsOf(message)].map(({ kind, mailbox }, n) => ({
    messageId: id,
    n,
    kind: recipientKindCode(kind),
    address: mailbox.address.value,
    name: mailbox.name ?? null,
    status: statusCode(status),
    attempts: 0,
    reason: null,
    smtpCode: null,
    enhancedCode: null,
    reply: null,
    updatedAt: acceptedAt,
    nextAttemptAt: status === 'HELD' ? null : due,
    dueAt: status === 'HELD' ? null : due,
    isDue: status === 'QUEUED',
    waitingFor: null,
    waitingOn: null,
    lanePaused: false,
  }));
}
