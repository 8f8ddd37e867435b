import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import type { Transaction } from '../database/transaction.js';
import { newUuidV7 } from '../database/uuid-v7.js';
import { decodeId } from '../domain/opaque-id.js';
import { type Principal, SCOPES } from '../domain/principal.js';
import { type UserError, userError } from '../domain/user-error.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { apiKeyDigest, apiKeyHint, makeApiKey } from './api-key-format.js';
import { API_KEY_PEPPER } from './api-key-pepper.js';
import type { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { type ApiKeyRequest, checkNewApiKey } from './check-new-api-key.js';

/** A key that was just made; its secret is never seen again. */
export interface MadeApiKey {
  readonly id: string;
  readonly secret: string;
}

/** Makes and revokes keys. */
@Injectable()
export class ApiKeys {
  private readonly logger = new Logger(ApiKeys.name);

  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly authenticator: ApiKeyAuthenticator,
    private readonly pools: Pools,
    @Inject(API_KEY_PEPPER) private readonly pepper: string | Buffer,
  ) {}

  async create(
    by: Principal,
    request: ApiKeyRequest,
  ): Promise<{ key: ApiKeyEntity; secret: string } | { errors: UserError[] }> {
    const errors = checkNewApiKey(by, request, new Date());
    if (errors.length > 0) return { errors };
    const made = await this.pools.transaction(this.pools.main, (tx) => this.make(tx, by.tenantId, request));
    this.logger.log({ msg: 'api key made', keyId: made.id, mode: request.mode, byKeyId: by.keyId });
    const key = await this.repository.byId(by.tenantId, made.id);
    if (key === null) throw new Error(`the key ${made.id} is gone right after it was made`);
    return { key, secret: made.secret };
  }

  /** Writes a key within a transaction of the caller's. */
  async make(tx: Transaction, tenantId: string, request: ApiKeyRequest): Promise<MadeApiKey> {
    const secret = makeApiKey(request.mode, randomBytes);
    const id = newUuidV7();
    await this.repository.insert(tx, {
      tenantId,
      id,
      name: request.name,
      mode: request.mode,
      scopes: SCOPES.filter((scope) => request.scopes.includes(scope)),
      hint: apiKeyHint(secret),
      digest: apiKeyDigest(secret, this.pepper),
      expiresAt: request.expiresAt ?? null,
    });
    return { id, secret };
  }

  /** Revoking what is revoked already changes nothing. */
  async revoke(by: Principal, id: string): Promise<{ key: ApiKeyEntity } | { errors: UserError[] }> {
    const uuid = decodeId('key', id);
    if (uuid === undefined) return { errors: [userError('NOT_FOUND', ['id'])] };
    // Whoever revoked the last key of an administrator would have locked everybody out.
    if (uuid === by.keyId) {
      return {
        errors: [userError('INVALID_VALUE', ['id'], 'A key cannot revoke itself; use another one with scope ADMIN.')],
      };
    }
    const found = await this.pools.transaction(this.pools.main, (tx) => this.repository.revoke(tx, by.tenantId, uuid));
    const key = found ? await this.repository.byId(by.tenantId, uuid) : null;
    if (key === null) return { errors: [userError('NOT_FOUND', ['id'])] };
    this.authenticator.forget();
    this.logger.log({ msg: 'api key revoked', keyId: uuid, byKeyId: by.keyId });
    return { key };
  }
}
