import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { newUuidV7 } from '../../database/uuid-v7.js';
import { decodeId } from '../../domain/opaque-id.js';
import type { Principal } from '../../domain/principal.js';
import { type ErrorCode, type UserError, userError } from '../../domain/user-error.js';
import { VerifiedDomains } from '../sign/verified-domains.js';
import { type DomainRequest, checkNewDomain } from './check-new-domain.js';
import { DomainVerifier } from './domain-verifier.js';
import { type NewDkimKey, NewDkimKeys } from './new-dkim-keys.js';
import type { SenderDomain } from './sender-domain.entity.js';
import { SenderDomainRepository } from './sender-domain.repository.js';

/** The domain after a change, or why nothing was changed; both when it was checked in vain. */
export interface DomainChange {
  readonly domain?: SenderDomain;
  readonly errors: readonly UserError[];
}

const TOKEN_BYTES = 16;

const refused = (code: ErrorCode, path: readonly string[], message?: string): DomainChange => ({
  errors: [userError(code, path, message)],
});

/** Registers the domains of a tenant, verifies them, renews their keys. */
@Injectable()
export class SenderDomains {
  private readonly logger = new Logger(SenderDomains.name);

  constructor(
    private readonly repository: SenderDomainRepository,
    private readonly keys: NewDkimKeys,
    private readonly verifier: DomainVerifier,
    private readonly verified: VerifiedDomains,
    private readonly pools: Pools,
  ) {}

  async create(by: Principal, request: DomainRequest & { readonly ed25519: boolean }): Promise<DomainChange> {
    const checked = checkNewDomain(request);
    if ('errors' in checked) return checked;
    const { name, returnPath } = checked;
    if (!this.keys.canMake) return refused('ENCRYPTION_KEY_MISSING', []);
    if (await this.repository.isTaken(this.pools.main, by.tenantId, name)) {
      return refused('DOMAIN_TAKEN', ['name'], `${name}, or a domain above or below it, belongs to another tenant.`);
    }
    const keys = await this.keys.make(request.ed25519 ? ['RSA', 'ED25519'] : ['RSA'], [], new Date());
    const id = newUuidV7();
    const domain = { tenantId: by.tenantId, id, name, returnPath, ownershipToken: newToken() };
    const isNew = await this.pools.transaction(this.pools.main, async (tx) => {
      const inserted = await this.repository.insert(tx, domain);
      if (inserted) await this.repository.insertKeys(tx, by.tenantId, id, keys);
      return inserted;
    });
    if (!isNew) return refused('DOMAIN_TAKEN', ['name'], `You have registered ${name} already.`);
    this.logger.log({ msg: 'sender domain registered', tenantId: by.tenantId, domainId: id, byKeyId: by.keyId });
    return this.current(by, id);
  }

  async verify(by: Principal, id: string): Promise<DomainChange> {
    const uuid = decodeId('dom', id);
    const done = uuid === undefined ? undefined : await this.verifier.verify(by.tenantId, uuid);
    if (uuid === undefined || done === undefined) return refused('NOT_FOUND', ['id']);
    await this.verified.reload();
    const change = await this.current(by, uuid);
    if (!done.taken) return change;
    const text = 'Its records are there, but it, or a domain above or below it, belongs to another tenant.';
    return { ...change, errors: [userError('DOMAIN_TAKEN', ['id'], text)] };
  }

  /** While the keys to come wait for their records there are no others made. */
  async rotate(by: Principal, id: string, addEd25519: boolean): Promise<DomainChange> {
    const uuid = decodeId('dom', id);
    const domain = uuid === undefined ? undefined : await this.repository.byId(by.tenantId, uuid);
    if (uuid === undefined || domain === undefined) return refused('NOT_FOUND', ['id']);
    if (!this.keys.canMake) return refused('ENCRYPTION_KEY_MISSING', []);
    const made = await this.nextKeys(domain, addEd25519);
    const written = await this.pools.transaction(this.pools.main, async (tx) => {
      const locked = await this.repository.lock(tx, by.tenantId, uuid);
      if (locked === undefined) return [];
      // Of two rotations at once the second finds the keys of the first.
      const fresh = made.filter(({ algorithm }) => !hasNext(locked, algorithm));
      await this.repository.insertKeys(tx, by.tenantId, uuid, fresh);
      return fresh;
    });
    for (const key of written) {
      this.logger.log({ msg: 'next DKIM key made', tenantId: by.tenantId, domainId: uuid, dkimKeyId: key.id });
    }
    return this.current(by, uuid);
  }

  async delete(by: Principal, id: string): Promise<{ readonly errors: readonly UserError[] }> {
    const uuid = decodeId('dom', id);
    const found =
      uuid !== undefined &&
      (await this.pools.transaction(this.pools.main, (tx) => this.repository.delete(tx, by.tenantId, uuid)));
    if (!found) return refused('NOT_FOUND', ['id']);
    this.verified.announce();
    await this.verified.reload();
    this.logger.log({ msg: 'sender domain deleted', tenantId: by.tenantId, domainId: uuid, byKeyId: by.keyId });
    return { errors: [] };
  }

  private nextKeys(domain: SenderDomain, addEd25519: boolean): Promise<NewDkimKey[]> {
    const hasEd25519 = domain.keys.some(({ algorithm, state }) => algorithm === 'ED25519' && state === 'ACTIVE');
    const wanted = hasEd25519 || addEd25519 ? (['RSA', 'ED25519'] as const) : (['RSA'] as const);
    const algorithms = wanted.filter((algorithm) => !hasNext(domain, algorithm));
    const selectors = domain.keys.map(({ selector }) => selector);
    return this.keys.make(algorithms, selectors, new Date());
  }

  private async current(by: Principal, id: string): Promise<DomainChange> {
    const domain = await this.repository.byId(by.tenantId, id);
    return domain === undefined ? refused('NOT_FOUND', ['id']) : { domain, errors: [] };
  }
}

function hasNext({ keys }: SenderDomain, algorithm: NewDkimKey['algorithm']): boolean {
  return keys.some((key) => key.algorithm === algorithm && key.state === 'NEXT');
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('hex');
}
