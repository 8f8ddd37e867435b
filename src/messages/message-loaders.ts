import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { Pools } from '../database/pools.js';
import { topError } from '../graphql/postern-error.js';
import type { GraphqlContext } from '../graphql/request-context.js';
import { type KeptContent, MessageContentRepository } from './message-content.repository.js';
import type { MessageRow } from './message.entity.js';
import { MessageRepository } from './message.repository.js';
import type { AttemptRow, RecipientRow } from './recipient.entity.js';

type Loader<V> = DataLoader<string, V>;

/**
 * Everything about messages that fields of one operation ask for, in one statement per kind: always
 * of the caller's tenant. Keys are the UUIDs of messages.
 */
@Injectable()
export class MessageLoaders {
  constructor(
    private readonly pools: Pools,
    private readonly repository: MessageRepository,
    private readonly kept: MessageContentRepository,
  ) {}

  messages(context: GraphqlContext): Loader<MessageRow | undefined> {
    return this.loader(context, 'messages', async (tenantId, ids) => {
      const rows = await this.repository.byIds(tenantId, ids);
      return new Map(rows.map((row) => [row.id, row]));
    });
  }

  /** In order of their numbers; empty for a message that is not there. */
  recipients(context: GraphqlContext): Loader<readonly RecipientRow[] | undefined> {
    return this.loader(context, 'recipients', async (tenantId, ids) =>
      Map.groupBy(await this.repository.recipients(tenantId, ids), (row) => row.messageId),
    );
  }

  /** Of all recipients of a message, in order. */
  attempts(context: GraphqlContext): Loader<readonly AttemptRow[] | undefined> {
    return this.loader(context, 'attempts', async (tenantId, ids) =>
      Map.groupBy(await this.repository.attempts(tenantId, ids), (row) => row.messageId),
    );
  }

  contents(context: GraphqlContext): Loader<KeptContent | undefined> {
    return this.loader(context, 'contents', async (tenantId, ids) => {
      const keys = ids.map((messageId) => ({ tenantId, messageId }));
      const contents = await this.kept.contents(this.pools.main, keys);
      return new Map(contents.map((content) => [content.messageId, content]));
    });
  }

  /** The attachments' bytes by their numbers. */
  attachments(context: GraphqlContext): Loader<ReadonlyMap<number, Buffer> | undefined> {
    return this.loader(context, 'attachments', async (tenantId, ids) => {
      const keys = ids.map((messageId) => ({ tenantId, messageId }));
      const files = await this.kept.attachments(this.pools.main, keys);
      const grouped = Map.groupBy(files, (file) => file.messageId);
      return new Map([...grouped].map(([id, own]) => [id, new Map(own.map((file) => [file.n, file.content]))]));
    });
  }

  private loader<V>(
    context: GraphqlContext,
    name: string,
    load: (tenantId: string, ids: readonly string[]) => Promise<Map<string, V>>,
  ): Loader<V | undefined> {
    const { loaders, principal, transport } = context;
    const existing = loaders.get(`message.${name}`) as Loader<V | undefined> | undefined;
    if (existing !== undefined) return existing;
    if (principal === undefined) throw topError('UNAUTHENTICATED');
    const loader = new DataLoader<string, V | undefined>(
      async (ids) => {
        const found = await load(principal.tenantId, [...new Set(ids)]);
        return ids.map((id) => found.get(id));
      },
      // A subscription's context lives as long as the subscription: there a cache would grow stale.
      { cache: transport === 'http' },
    );
    loaders.set(`message.${name}`, loader);
    return loader;
  }
}
