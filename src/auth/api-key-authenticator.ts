import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../domain/principal.js';
import { RequestAuthenticator } from '../graphql/request-authenticator.js';
import { API_KEY_PEPPER } from './api-key-pepper.js';
import { apiKeyDigest, parseApiKey } from './api-key-format.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { KeyUsage } from './key-usage.js';

interface Answer {
  readonly principal: Principal | undefined;
  /** Before the query, not after: what was revoked in between would live longer. */
  readonly askedAt: number;
}

/** An answer is good for less than the second within which a revoked key must stop on every replica. */
const GOOD_FOR_MS = 900;
/** A key in steady use is asked for again in the background, so that no request waits for it. */
const ASK_AGAIN_AFTER_MS = 400;
/** Answers kept, refusals among them: well-formed keys that nobody owns cost a query each, once. */
const KEPT = 10_000;

const BEARER = /^Bearer +(\S+) *$/i;

/** Establishes the caller from `authorization: Bearer pst_…`. */
@Injectable()
export class ApiKeyAuthenticator extends RequestAuthenticator {
  /** By a hash of the header. */
  private readonly digests = new Map<string, string>();
  /** By digest. */
  private readonly answers = new Map<string, Answer>();
  private readonly asking = new Map<string, Promise<Principal | undefined>>();
  private generation = 0;

  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly usage: KeyUsage,
    @Inject(API_KEY_PEPPER) private readonly pepper: string | Buffer,
  ) {
    super();
  }

  async authenticate(authorization: string | undefined): Promise<Principal | undefined> {
    if (authorization === undefined) return undefined;
    const digest = this.digestOf(authorization);
    const principal = digest === undefined ? undefined : await this.lookUp(digest);
    if (principal !== undefined) this.usage.touch(principal);
    return principal;
  }

  /**
   * The digest a key is looked up by, remembered under a plain hash of the header: checksum and HMAC
   * of every request would be 5 % of it, and no key is kept in memory.
   */
  private digestOf(authorization: string): string | undefined {
    const name = hash('sha256', authorization, 'base64');
    const known = this.digests.get(name);
    if (known !== undefined) return known;
    const key = BEARER.exec(authorization)?.[1];
    if (key === undefined || parseApiKey(key) === undefined) return undefined;
    const digest = apiKeyDigest(key, this.pepper).toString('base64');
    if (this.digests.size >= KEPT) this.digests.clear();
    this.digests.set(name, digest);
    return digest;
  }

  async isStillValid(principal: Principal): Promise<boolean> {
    return this.repository.isUsable(principal.tenantId, principal.keyId);
  }

  /** After a revocation through this replica: it ends here at once, on others when their answers grow old. */
  forget(): void {
    this.generation += 1;
    this.answers.clear();
    this.asking.clear();
  }

  private async lookUp(name: string): Promise<Principal | undefined> {
    const known = this.answers.get(name);
    const age = known === undefined ? Infinity : performance.now() - known.askedAt;
    if (known === undefined || age >= GOOD_FOR_MS) return this.ask(name);
    if (age >= ASK_AGAIN_AFTER_MS && known.principal !== undefined) {
      // A failure shows when the answer is too old to go without.
      this.ask(name).catch(() => undefined);
    }
    return known.principal;
  }

  /** Requests that come while a key is asked for share the answer. */
  private ask(name: string): Promise<Principal | undefined> {
    const underWay = this.asking.get(name);
    if (underWay !== undefined) return underWay;
    const asked = this.query(name).finally(() => {
      if (this.asking.get(name) === asked) this.asking.delete(name);
    });
    this.asking.set(name, asked);
    return asked;
  }

  private async query(name: string): Promise<Principal | undefined> {
    const { generation } = this;
    const askedAt = performance.now();
    const principal = await this.repository.principalOf(Buffer.from(name, 'base64'));
    if (generation === this.generation) this.keep(name, { principal, askedAt });
    return principal;
  }

  private keep(name: string, answer: Answer): void {
    this.answers.delete(name);
    this.answers.set(name, answer);
    if (this.answers.size <= KEPT) return;
    const [oldest] = this.answers.keys();
    if (oldest !== undefined) this.answers.delete(oldest);
  }
}
