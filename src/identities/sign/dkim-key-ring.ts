import type { KeyObject } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Sealer } from '../../database/sealer.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { type ActiveKeyRow, ActiveKeyRepository } from './active-key.repository.js';
import { openDkimKey } from './dkim-key-pair.js';
import { dkimKeyPlace } from './dkim-key-place.js';

/** A key that could not be opened is not asked for again with every message. */
const TRY_AGAIN_AFTER_MS = 5000;

/** Keys that are open and have signed a probe, for as long as their domains are known. */
@Injectable()
export class DkimKeyRing {
  private readonly logger = new Logger(DkimKeyRing.name);
  private readonly opened = new WeakMap<ActiveKeyRow, Promise<KeyObject | undefined>>();

  constructor(
    private readonly repository: ActiveKeyRepository,
    private readonly sealer: Sealer,
  ) {}

  /** Undefined for a key that cannot sign; never rejects. */
  async open(key: ActiveKeyRow): Promise<KeyObject | undefined> {
    const known = this.opened.get(key);
    if (known !== undefined) return known;
    const opening = this.load(key);
    this.opened.set(key, opening);
    return opening;
  }

  private async load(key: ActiveKeyRow): Promise<KeyObject | undefined> {
    try {
      const secret = await this.repository.secretOf(key);
      if (secret === undefined || secret.sealed === null) throw new Error('it is no longer there');
      const der = this.sealer.open(secret.sealed, dkimKeyPlace(key.id));
      return await openDkimKey(key.algorithm, der, secret.publicKey);
    } catch (error) {
      this.logger.error({ msg: 'DKIM key cannot sign', dkimKeyId: key.id, reason: reasonOf(error) });
      setTimeout(() => this.opened.delete(key), TRY_AGAIN_AFTER_MS).unref();
      return undefined;
    }
  }
}
