/** A row of the ledger: one accepted message, without its content. */
export interface MessageRow {
  readonly tenantId: string;
  readonly id: string;
  readonly lane: number;
  readonly sandbox: boolean;
  readonly inDoubtPolicy: number;
  readonly idempotencyKey: string | null;
  readonly fromAddress: string;
  readonly fromName: string | null;
  readonly subject: string;
  readonly messageIdHeader: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly recipientCount: number;
  readonly sizeBytes: number;
  readonly sendAt: Date | null;
  readonly expiresAt: Date | null;
  readonly acceptedAt: Date;
}

/** The columns of MessageRow, of a table named m. */
export const MESSAGE_COLUMNS = `
  m.tenant_id as "tenantId", m.id, m.lane, m.sandbox, m.in_doubt_policy as "inDoubtPolicy",
  m.idempotency_key as "idempotencyKey", m.from_address as "fromAddress", m.from_name as "fromName", m.subject,
  m.message_id_header as "messageIdHeader", m.tags, m.metadata, m.recipient_count as "recipientCount",
  m.size_bytes as "sizeBytes", m.send_at as "sendAt", m.expires_at as "expiresAt", m.accepted_at as "acceptedAt"`;
