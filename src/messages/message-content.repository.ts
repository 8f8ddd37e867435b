import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { type InDoubtPolicy, IN_DOUBT_POLICIES } from '../domain/in-doubt-policy.js';
import { type Lane, laneOf } from '../domain/lane.js';
import type { Composition } from '../domain/message-draft.js';
import { encodeId } from '../domain/opaque-id.js';
import { type StoredParts, readParts, restoreMailbox } from './stored-parts.js';

/** What a worker needs of a message, the same for every recipient of it. */
export interface LoadedMessage {
  /** Undefined for a message that is larger than was asked for. */
  readonly composition: Composition | undefined;
  readonly sizeBytes: number;
  readonly inDoubt: InDoubtPolicy;
  readonly sandbox: boolean;
  readonly acceptedAt: Date;
  /** When it is to be sent: the time asked for, or its acceptance. */
  readonly dueAt: Date;
  readonly lane: Lane;
}

/** A message with its content. */
export interface DeliverableMessage extends LoadedMessage {
  readonly composition: Composition;
}

/** A message's content as it is kept. */
export interface KeptContent {
  readonly messageId: string;
  readonly text: string | null;
  readonly html: string | null;
  readonly parts: StoredParts;
}

export interface KeptAttachment {
  readonly messageId: string;
  readonly n: number;
  readonly content: Buffer;
}

interface MessageKey {
  readonly tenantId: string;
  readonly messageId: string;
}

interface DeliverableRow {
  readonly id: string;
  readonly lane: number;
  readonly sandbox: boolean;
  readonly in_doubt_policy: number;
  readonly subject: string;
  readonly message_id_header: string;
  readonly accepted_at: Date;
  readonly send_at: Date | null;
  readonly size_bytes: number;
  readonly text_body: string | null;
  readonly html_body: string | null;
  readonly parts: string;
}

type Database = Pick<pg.Pool, 'query'>;

// Both joins are look-ups by primary key: also with the queue's planner settings, and only in the
// partitions the keys are in.
const LOAD_FOR_DELIVERY = `
select m.id, m.lane, m.sandbox, m.in_doubt_policy, m.subject, m.message_id_header, m.accepted_at, m.send_at,
       m.size_bytes, case when m.size_bytes <= $3 then c.text_body end as text_body,
       case when m.size_bytes <= $3 then c.html_body end as html_body, c.parts
  from unnest($1::uuid[], $2::uuid[]) as i(tenant_id, id)
  join message m on m.tenant_id = i.tenant_id and m.id = i.id
  join message_content c on c.tenant_id = i.tenant_id and c.message_id = i.id`;

const LOAD_ATTACHMENTS = `
select a.message_id as "messageId", a.n, a.content
  from unnest($1::uuid[], $2::uuid[]) as i(tenant_id, id)
  join message_attachment a on a.tenant_id = i.tenant_id and a.message_id = i.id`;

const LOAD_CONTENT = `
select c.message_id as "messageId", c.text_body as text, c.html_body as html, c.parts
  from unnest($1::uuid[], $2::uuid[]) as i(tenant_id, id)
  join message_content c on c.tenant_id = i.tenant_id and c.message_id = i.id`;

const columns = (keys: readonly MessageKey[]): unknown[] => [
  keys.map((key) => key.tenantId),
  keys.map((key) => key.messageId),
];

/** Bodies and attachments, kept apart from the rows that change. */
@Injectable()
export class MessageContentRepository {
  /**
   * By message id; without those whose content is no longer kept, and with the contents of those that
   * are no larger than so many bytes. One or two statements for all.
   */
  async loadForDelivery(
    database: Database,
    keys: readonly MessageKey[],
    mostBytes: number,
  ): Promise<Map<string, LoadedMessage>> {
    if (keys.length === 0) return new Map();
    const { rows } = await database.query<DeliverableRow>({
      name: 'load_for_delivery',
      text: LOAD_FOR_DELIVERY,
      values: [...columns(keys), mostBytes],
    });
    const whole = new Set(rows.filter((row) => row.size_bytes <= mostBytes).map((row) => row.id));
    const parts = new Map(rows.map((row) => [row.id, readParts(row.parts)]));
    const hasFiles = ({ messageId }: MessageKey): boolean => (parts.get(messageId)?.attachments.length ?? 0) > 0;
    const withFiles = keys.filter((key) => whole.has(key.messageId) && hasFiles(key));
    const files = byMessage(await this.attachments(database, withFiles));
    const messages = new Map<string, LoadedMessage>();
    for (const row of rows) {
      const stored = parts.get(row.id);
      if (stored === undefined) continue;
      const inDoubt = IN_DOUBT_POLICIES[row.in_doubt_policy];
      const composition = whole.has(row.id) ? restore(row, stored, files.get(row.id) ?? new Map()) : undefined;
      const isGone = composition === undefined && whole.has(row.id);
      if (!isGone && inDoubt !== undefined) messages.set(row.id, loaded(row, inDoubt, composition));
    }
    return messages;
  }

  async contents(database: Database, keys: readonly MessageKey[]): Promise<KeptContent[]> {
    const { rows } = await database.query<KeptContent & { parts: string }>(LOAD_CONTENT, columns(keys));
    return rows.map((row) => ({ ...row, parts: readParts(row.parts) }));
  }

  async attachments(database: Database, keys: readonly MessageKey[]): Promise<KeptAttachment[]> {
    if (keys.length === 0) return [];
    const { rows } = await database.query<KeptAttachment>(LOAD_ATTACHMENTS, columns(keys));
    return rows;
  }
}

function byMessage(attachments: readonly KeptAttachment[]): Map<string, Map<number, Buffer>> {
  const grouped = new Map<string, Map<number, Buffer>>();
  for (const { messageId, n, content } of attachments) {
    const own = grouped.get(messageId) ?? new Map<number, Buffer>();
    grouped.set(messageId, own.set(n, content));
  }
  return grouped;
}

function loaded(row: DeliverableRow, inDoubt: InDoubtPolicy, composition: Composition | undefined): LoadedMessage {
  return {
    composition,
    sizeBytes: row.size_bytes,
    inDoubt,
    sandbox: row.sandbox,
    acceptedAt: row.accepted_at,
    dueAt: row.send_at ?? row.accepted_at,
    lane: laneOf(row.lane),
  };
}

/** Undefined when an attachment is gone: half a message must not leave. */
function restore(row: DeliverableRow, parts: StoredParts, files: ReadonlyMap<number, Buffer>): Composition | undefined {
  const attachments = parts.attachments.flatMap(({ filename, contentType, contentId }, n) => {
    const content = files.get(n);
    return content === undefined ? [] : [{ filename, contentType, contentId, content }];
  });
  if (attachments.length < parts.attachments.length) return undefined;
  return {
    from: restoreMailbox(parts.from),
    to: parts.to.map(restoreMailbox),
    cc: parts.cc.map(restoreMailbox),
    replyTo: parts.replyTo.map(restoreMailbox),
    subject: row.subject,
    text: row.text_body ?? undefined,
    html: row.html_body ?? undefined,
    headers: parts.headers,
    attachments,
    messageIdHeader: row.message_id_header,
    date: row.accepted_at,
    correlationId: encodeId('msg', row.id),
  };
}
