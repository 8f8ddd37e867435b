import { Injectable } from '@nestjs/common';
import { Sealer } from '../../database/sealer.js';
import { newUuidV7 } from '../../database/uuid-v7.js';
import type { DkimAlgorithm } from '../../domain/dkim/dkim-signature.js';
import { nextSelector } from '../../domain/sender-domain.js';
import { makeDkimKeyPair, openDkimKey } from '../sign/dkim-key-pair.js';
import { dkimKeyPlace } from '../sign/dkim-key-place.js';

/** A key about to be written. */
export interface NewDkimKey {
  readonly id: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly publicKey: string;
  /** The private half, readable only with POSTERN_ENCRYPTION_KEY and only in its own row. */
  readonly sealed: Buffer;
}

/** Makes keys that are known to sign. */
@Injectable()
export class NewDkimKeys {
  constructor(private readonly sealer: Sealer) {}

  /** False without POSTERN_ENCRYPTION_KEY. */
  get canMake(): boolean {
    return this.sealer.canSeal;
  }

  async make(algorithms: readonly DkimAlgorithm[], usedSelectors: Iterable<string>, now: Date): Promise<NewDkimKey[]> {
    const used = new Set(usedSelectors);
    const keys: NewDkimKey[] = [];
    for (const algorithm of algorithms) {
      const selector = nextSelector(used, now);
      used.add(selector);
      const { publicKey, privateKey } = await makeDkimKeyPair(algorithm);
      await openDkimKey(algorithm, privateKey, publicKey);
      const id = newUuidV7();
      keys.push({ id, selector, algorithm, publicKey, sealed: this.sealer.seal(privateKey, dkimKeyPlace(id)) });
    }
    return keys;
  }
}
