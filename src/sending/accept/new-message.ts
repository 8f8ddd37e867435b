import { newUuidV7 } from '../../database/uuid-v7.js';
import { fingerprint } from '../../domain/fingerprint.js';
import type { MessageDraft } from '../../domain/message-draft.js';
import type { Principal } from '../../domain/principal.js';
import type { RecipientStatus } from '../../domain/recipient-status.js';

/** A draft about to be accepted. Its id is made before the first try, so that every try has the same. */
export interface NewMessage {
  readonly tenantId: string;
  readonly id: string;
  readonly sandbox: boolean;
  readonly draft: MessageDraft;
  /** Present exactly when the draft has an idempotency key. */
  readonly fingerprint: Buffer | undefined;
  /** Bodies and attachments, in bytes. */
  readonly size: number;
  /** Of every recipient, right after acceptance. */
  readonly status: Extract<RecipientStatus, 'HELD' | 'SCHEDULED' | 'QUEUED'>;
  /** Made once and kept over retries; without angle brackets. */
  readonly messageIdHeader: string;
}

/** A message of the caller's tenant, ready to be written. */
export function newMessage(principal: Principal, draft: MessageDraft, now: Date): NewMessage {
  const id = newUuidV7();
  const sandbox = principal.mode === 'TEST';
  return {
    tenantId: principal.tenantId,
    id,
    sandbox,
    draft,
    fingerprint: draft.idempotencyKey === undefined ? undefined : modalFingerprint(draft, sandbox),
    size: sizeOf(draft),
    status: firstStatus(draft, now),
    messageIdHeader: `${id}@${draft.from.address.domain}`,
  };
}

/**
 * A live key must never be told that its mail is under way because a test key used the same
 * idempotency key for the same message: that one went to the sandbox.
 */
function modalFingerprint(draft: MessageDraft, sandbox: boolean): Buffer {
  return Buffer.concat([fingerprint(draft), Buffer.of(sandbox ? 1 : 0)]);
}

function sizeOf(draft: MessageDraft): number {
  const bodies = Buffer.byteLength(draft.text ?? '') + Buffer.byteLength(draft.html ?? '');
  return draft.attachments.reduce((sum, attachment) => sum + attachment.content.length, bodies);
}

function firstStatus(draft: MessageDraft, now: Date): NewMessage['status'] {
  if (draft.hold) return 'HELD';
  return draft.sendAt !== undefined && draft.sendAt > now ? 'SCHEDULED' : 'QUEUED';
}
