import { Injectable } from '@nestjs/common';
import { parseEmailAddress } from '../domain/email-address.js';
import { decodeId, encodeId } from '../domain/opaque-id.js';
import type { ConnectionOf } from '../graphql/connection.js';
import type { PageArgs } from '../graphql/page.args.js';
import { paginate } from '../graphql/paginate.js';
import { topError } from '../graphql/postern-error.js';
import type { MessageRow } from './message.entity.js';
import type { MessageFilterInput } from './message-filter.input.js';
import type { MessageListFilter } from './message-list.sql.js';
import { MessageRepository } from './message.repository.js';
import { type MessageType, toMessage } from './message.type.js';

/** Pages through the messages of a tenant, newest first. */
@Injectable()
export class MessageList {
  constructor(private readonly repository: MessageRepository) {}

  async page(tenantId: string, filter: MessageFilterInput, args: PageArgs): Promise<ConnectionOf<MessageType>> {
    const wanted = readFilter(filter);
    return paginate<MessageRow, string, MessageType>(args, {
      // Newest first: what comes after a message is older, its id smaller.
      fetch: ({ limit, after, before, backwards }) =>
        this.repository.list(tenantId, wanted, { limit, below: after, above: before, oldestFirst: backwards }),
      keyOf: (row) => row.id,
      encode: (id) => Buffer.from(encodeId('msg', id)).toString('base64url'),
      decode: (cursor) => decodeId('msg', Buffer.from(cursor, 'base64url').toString()),
      toNode: toMessage,
    });
  }
}

function readFilter(filter: MessageFilterInput): MessageListFilter {
  return {
    status: filter.status ?? undefined,
    lane: filter.lane ?? undefined,
    tag: filter.tag ?? undefined,
    recipient: typeof filter.recipient === 'string' ? readAddress(filter.recipient) : undefined,
    acceptedAfter: filter.acceptedAfter ?? undefined,
    acceptedBefore: filter.acceptedBefore ?? undefined,
  };
}

/** In the form in which addresses are stored. */
function readAddress(text: string): string {
  const address = parseEmailAddress(text);
  if (address === undefined) {
    throw topError('BAD_REQUEST', 'filter.recipient is not an e-mail address such as ada@example.com.');
  }
  return address.value;
}
