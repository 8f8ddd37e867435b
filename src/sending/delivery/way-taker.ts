import { Injectable } from '@nestjs/common';
import type { RecipientChange } from '../../events/event-recorder.js';
import type { DeliverableMessage } from '../../messages/message-content.repository.js';
import { Pacer, type Permit } from '../pacing/pacer.js';
import type { Refusal } from '../pacing/way.js';
import { Scorekeeper } from '../scorecard/scorekeeper.js';
import type { HandOverResult } from '../transports/transport.js';
import { type ClaimedJob, databaseTime } from './claimed-job.js';
import {
  type AttemptFacts,
  type Settlement,
  decideAfterHandOver,
  decideParking,
  fallbackNews,
  skippedNews,
} from './decide-outcome.js';
import { ANY_ROUTE } from './send-job.repository.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { HandOver } from './hand-over.js';
import type { ReadyJob } from './job-loader.js';
import { type Judgement, judgeHandOver } from './judge-hand-over.js';
import { type ProviderWay, type Traveller, WayFinder } from './way-finder.js';

/**
 * A way that is only slow is waited for this long before the next one is taken. Nothing is to wait longer
 * than a dead provider is noticed: with 1 s the mail that waited longest was that after its return.
 */
const PATIENCE_MS = 200;

/** Providers keep idempotency keys for a day: later the same key sends a second mail. */
const KEYS_KEPT_MS = 23 * 3_600_000;

const NOBODY_KNOWS: HandOverResult = {
  outcome: 'in_doubt',
  stage: 'FINAL_REPLY',
  note: 'The provider that could have told whether it has the mail is no longer there.',
};

/** No route leads to a provider, or all of them are being drained. It is called back as soon as that changes. */
const NOWHERE: Refusal = { waitingFor: 'ROUTE', on: ANY_ROUTE, waitMs: 60_000, isShut: true };

/** The way could not be looked up, and nothing was tried: the claim was no attempt. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun';
}

export function notBegun(cause: unknown): never {
  throw new NotBegun('the way could not be looked up', { cause });
}

/** What happened on the ways tried so far in this claim. */
interface Journey {
  readonly changes: RecipientChange[];
  attempts: number;
  /** Providers that could not take it; told once another one is asked. */
  passed: string[];
  /** The last attempt, as long as every one of them certainly failed. */
  last: AttemptFacts | undefined;
  /** The shortest wait among the ways that could not be taken. */
  refusal: Refusal | undefined;
}

/**
 * Tries the providers of a message in order. The next one is asked only when it is certain that the
 * one before has not sent it, or could not be asked at all; that is told in the history of the
 * recipient, although the mail goes out.
 */
@Injectable()
export class WayTaker {
  constructor(
    private readonly finder: WayFinder,
    private readonly pacer: Pacer,
    private readonly handOver: HandOver,
    private readonly metrics: DeliveryMetrics,
    private readonly scores: Scorekeeper,
  ) {}

  /** For a message that waits for its slot. Never rejects. */
  async makeReady(ready: ReadyJob, message: DeliverableMessage): Promise<void> {
    const [first] = await this.finder.find(travellerOf(ready, message)).catch(() => []);
    if (first !== undefined) await this.handOver.signAhead(ready, message, first);
  }

  /** What becomes of it. Throws NotBegun when nothing was tried, and something else where that is not certain. */
  async take(ready: ReadyJob, message: DeliverableMessage): Promise<Settlement> {
    const { job, domain } = ready;
    const ways = await this.finder.find(travellerOf(ready, message)).catch(notBegun);
    const journey: Journey = { changes: [], attempts: 0, passed: [], last: undefined, refusal: undefined };
    for (const [index, way] of ways.entries()) {
      const isLast = index === ways.length - 1;
      let passage: Permit | Refusal;
      try {
        passage = await this.enter(job, way, domain);
      } catch (error) {
        if (journey.last === undefined) return notBegun(error);
        break;
      }
      if ('waitMs' in passage) {
        if (!this.passesOver(journey, job, way, passage, isLast)) break;
        continue;
      }
      this.tellFallbacks(job, journey);
      const facts = await this.attempt(ready, message, way, passage, job.attempt + journey.attempts);
      journey.attempts += 1;
      if (!facts.judgement.anotherWay) return decideAfterHandOver(job, facts, journey.changes);
      journey.last = facts;
      journey.passed.push(way.provider.name);
    }
    if (ways.length === 0 && job.provider !== undefined) return this.nobodyKnows(ready, message);
    if (journey.last !== undefined) return decideAfterHandOver(job, journey.last, journey.changes);
    const now = databaseTime(job, performance.now());
    const parked = decideParking(job, journey.refusal ?? NOWHERE, { now, status: ready.status });
    if (parked.waitingFor !== undefined) this.scores.parked(job.lane, parked.waitingFor);
    return parked;
  }

  /** Nobody can resolve its doubt any more: then its policy decides. */
  private nobodyKnows({ job, status }: ReadyJob, message: DeliverableMessage): Settlement {
    const result = NOBODY_KNOWS;
    const now = databaseTime(job, performance.now());
    this.metrics.attempted({ job, outcome: result.outcome, provider: 'none', dueAt: message.dueAt, finishedAt: now });
    return decideAfterHandOver(job, {
      attempt: job.attempt,
      provider: undefined,
      result,
      judgement: judgeHandOver(result),
      startedAt: now,
      finishedAt: now,
      random: Math.random(),
      inDoubt: message.inDoubt,
      idempotent: false,
      status,
    });
  }

  /** Once another provider is asked. */
  private tellFallbacks(job: ClaimedJob, journey: Journey): void {
    const at = databaseTime(job, performance.now());
    for (const provider of journey.passed.splice(0)) this.scores.fellBack({ provider, lane: job.lane, at });
    if (journey.last !== undefined) journey.changes.push(fallbackNews(job, journey.last));
  }

  private async enter(job: ClaimedJob, way: ProviderWay, domain: string): Promise<Permit | Refusal> {
    const { provider, transport } = way;
    const site = await transport.siteOf(domain);
    return this.pacer.admit({
      provider: provider.name,
      lane: job.lane,
      limits: provider.limits,
      site: site?.name ?? domain,
      domain,
      siteLimits: site?.limits ?? {},
      isDirect: transport.deliversToSites,
    });
  }

  /** True when the next way should be looked at: this one is shut, or so slow that another is better. */
  private passesOver(journey: Journey, job: ClaimedJob, way: ProviderWay, refusal: Refusal, isLast: boolean): boolean {
    const { refusal: before } = journey;
    const shortest = before === undefined || refusal.waitMs < before.waitMs ? refusal : before;
    // Where one of them is only busy its turn comes, however long the others are shut.
    journey.refusal = { ...shortest, isShut: refusal.isShut === true && before?.isShut !== false };
    const isShut = refusal.waitingFor === 'BREAKER' || refusal.waitMs > PATIENCE_MS;
    if (!isShut || isLast) return false;
    journey.changes.push(skippedNews(job, way.provider.name, refusal));
    journey.passed.push(way.provider.name);
    return true;
  }

  private async attempt(
    ready: ReadyJob,
    message: DeliverableMessage,
    way: ProviderWay,
    permit: Permit,
    attempt: number,
  ): Promise<AttemptFacts> {
    const { job } = ready;
    const startedMono = performance.now();
    let result: HandOverResult | undefined;
    try {
      result = await this.handOver.attempt(ready, message, way, attempt);
    } finally {
      // A fault of ours is none of the way's.
      if (result === undefined) permit.done({ health: 'WORKED', aboutProvider: false, note: '' });
    }
    const judgement = way.provider.kind === 'SANDBOX' ? unharmed(judgeHandOver(result)) : judgeHandOver(result);
    const pushback = 'pushback' in result ? result.pushback : undefined;
    permit.done({
      health: judgement.health,
      aboutProvider: pushback?.scope === 'PROVIDER',
      retryAfterMs: pushback?.retryAfterMs,
      perSecond: pushback?.perSecond,
      maxConnections: pushback?.maxConnections,
      forMs: pushback?.forMs,
      note: 'note' in result ? result.note : '',
    });
    const finishedMono = performance.now();
    const finishedAt = databaseTime(job, finishedMono);
    const place = { provider: way.provider.name, lane: job.lane, at: finishedAt };
    const reply = 'reply' in result ? result.reply : undefined;
    const { verdict } = judgement;
    this.metrics.attempted({
      job,
      outcome: result.outcome,
      provider: way.provider.name,
      dueAt: message.dueAt,
      finishedAt,
    });
    this.scores.attempted({ ...place, verdict, reply, durationMs: finishedMono - startedMono });
    return {
      attempt,
      provider: way.provider.name,
      result,
      judgement,
      startedAt: databaseTime(job, startedMono),
      finishedAt,
      random: Math.random(),
      inDoubt: message.inDoubt,
      idempotent: way.transport.idempotent && finishedAt.getTime() - message.dueAt.getTime() < KEYS_KEPT_MS,
      status: ready.status,
    };
  }
}

/** The sandbox plays hosts in trouble: that is no trouble of its own, and nobody there is to be spared. */
function unharmed(judgement: Judgement): Judgement {
  return { ...judgement, health: 'WORKED', anotherWay: false };
}

function travellerOf({ job, domain }: ReadyJob, { sandbox, composition }: DeliverableMessage): Traveller {
  return {
    sandbox,
    tenantId: job.tenantId,
    lane: job.lane,
    senderDomain: composition.from.address.domain,
    recipientDomain: domain,
    key: `${job.messageId}.${job.n}`,
    only: job.provider,
  };
}
