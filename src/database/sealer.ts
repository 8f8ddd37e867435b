import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

/** The secret was sealed for another place, was changed, or its key is not among ours. */
export class CannotUnseal extends Error {
  constructor(reason: string) {
    super(`A stored secret cannot be read: ${reason}.`);
    this.name = 'CannotUnseal';
  }
}

/**
 * Encrypts secrets before they are stored, so that a dump of the database gives none away. The place
 * (table, row) is authenticated along: a secret that was copied into another row does not open. With
 * several keys the first seals and all open, which is how a key is replaced while everything runs.
 */
@Injectable()
export class Sealer {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly first: { readonly id: Buffer; readonly key: Buffer } | undefined;

  constructor(@Inject(CONFIG) config: Pick<Config, 'encryptionKey'>) {
    const keys = (config.encryptionKey ?? []).map((text) => Buffer.from(text, 'base64'));
    const [first] = keys;
    this.keys = new Map(keys.map((key) => [keyId(key).toString('hex'), key]));
    this.first = first === undefined ? undefined : { id: keyId(first), key: first };
  }

  /** False when no key is configured: nothing secret can be stored then. */
  get canSeal(): boolean {
    return this.first !== undefined;
  }

  /** `place` says where the secret is kept, such as `provider.<id>`. Throws without a key. */
  seal(secret: string | Buffer, place: string): Buffer {
    if (this.first === undefined) throw new Error('no encryption key is configured');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.first.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), this.first.id, nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws CannotUnseal. */
  open(sealed: Buffer, place: string): Buffer {
    if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) throw new CannotUnseal('it is malformed');
    const key = this.keys.get(sealed.subarray(1, 1 + KEY_ID_BYTES).toString('hex'));
    if (key === undefined) throw new CannotUnseal('POSTERN_ENCRYPTION_KEY does not hold its key');
    const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEAD_BYTES - TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
    } catch {
      throw new CannotUnseal('it was changed, or belongs elsewhere');
    }
  }
}

function keyId(key: Buffer): Buffer {
  return createHash('sha256').update('postern encryption key').update(key).digest().subarray(0, KEY_ID_BYTES);
}
