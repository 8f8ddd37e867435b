import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { Principal } from '../../domain/principal.js';
import { MessageRepository } from '../../messages/message.repository.js';
import { type ReadMessage, readMessage } from './read-message.js';
import type { SendMessageInput } from './send-message.input.js';

/** Reads inputs into drafts. */
@Injectable()
export class MessageReader {
  constructor(
    private readonly messages: MessageRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * A repeated request may come when its sendAt or expiresAt has passed. If only the times are wrong
   * and the key is known, it is judged by the time of the first request, so that it is replayed
   * instead of refused.
   */
  async read(
    principal: Principal,
    input: SendMessageInput,
    headerKey: string | undefined,
    now: Date,
  ): Promise<ReadMessage> {
    const read = readMessage(input, headerKey, this.config, now);
    const key = input.idempotencyKey ?? headerKey;
    if ('draft' in read || key === undefined) return read;
    if (read.errors.some(({ code }) => code !== 'INVALID_TIME')) return read;
    const first = await this.messages.byIdempotencyKey(principal.tenantId, key);
    return first === undefined ? read : readMessage(input, headerKey, this.config, first.acceptedAt);
  }
}
