import type { AttemptOutcome } from '../../domain/attempt-outcome.js';
import type { EventData } from '../../domain/delivery-event.js';
import type { InDoubtPolicy } from '../../domain/in-doubt-policy.js';
import { isSettled, type RecipientStatus } from '../../domain/recipient-status.js';
import { laneLimitMs, nextDelayMs } from '../../domain/retry-schedule.js';
import type { RecipientChange } from '../../events/event-recorder.js';
import type { Refusal } from '../pacing/way.js';
import type { HandOverResult, SmtpReply } from '../transports/transport.js';
import type { ClaimedJob } from './claimed-job.js';
import type { Judgement } from './judge-hand-over.js';
import type { JobEnd } from './send-job.repository.js';
import { MOST_LOST_CLAIMS } from './suspects.js';

/** Steps of the schedule that may be cut short: they are its shortest, so that what is left is most of its time. */
const MOST_EARLY = 3;

/** What becomes of a job, and the news to record. */
export interface Settlement extends JobEnd {
  readonly changes: readonly RecipientChange[];
}

/** One conversation with one provider. Times are the database's, chance comes in. */
export interface AttemptFacts {
  /** From 1, over all claims. */
  readonly attempt: number;
  readonly provider: string | undefined;
  readonly result: HandOverResult;
  readonly judgement: Judgement;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** In [0, 1): spreads retries. */
  readonly random: number;
  readonly inDoubt: InDoubtPolicy;
  /** The provider can tell a repeated mail: asking it again resolves the doubt. */
  readonly idempotent: boolean;
  /** How the recipient stood before. */
  readonly status: RecipientStatus;
}

type Key = Pick<RecipientChange, 'tenantId' | 'messageId' | 'n'>;

const keyOf = (job: ClaimedJob): Key => ({ tenantId: job.tenantId, messageId: job.messageId, n: job.n });

const done = (changes: readonly RecipientChange[]): Settlement => ({ delayMs: undefined, changes });

/** How the recipient of a claimed job stands. */
export interface Standing {
  readonly status: RecipientStatus;
  readonly inDoubt: InDoubtPolicy;
  /** Another recipient of the same message was put aside after lost claims. */
  readonly isPutAside: boolean;
}

/**
 * Before anything is sent: is there a reason not to? A job whose last holder vanished may already be
 * with the provider. That is never passed over in silence: it is told as ATTEMPT_LOST, and with the
 * policy HOLD, or after three such claims, the message waits for an operator instead. What a provider
 * has told meanwhile leaves nothing to be done.
 */
export function decideBeforeSending(
  job: ClaimedJob,
  { status, inDoubt, isPutAside }: Standing,
): Settlement | undefined {
  const lost = lostAttempts(job);
  if (isSettled(status)) return done(lost);
  if (job.lost > 0 && inDoubt === 'HOLD') {
    const note = 'The worker vanished during the attempt; the mail may have been sent. Resolve it by resolveInDoubt.';
    return done([...lost, unsentNews(job, 'IN_DOUBT', 'IN_DOUBT', { note, attempt: job.attempt - 1 })]);
  }
  if (job.lost >= MOST_LOST_CLAIMS || isPutAside) {
    const note = `${job.lost} workers in a row vanished while holding this message. Release it by releaseMessage.`;
    return done([...lost, unsentNews(job, 'QUARANTINED', 'HELD', { note, reason: 'OTHER' })]);
  }
  if (job.expired) {
    return endUnsent(job, status, 'EXPIRED', { note: 'Its time was over before it could be handed over.' });
  }
  return undefined;
}

/** There is nothing to send any more. */
export function withoutContent(job: ClaimedJob, status: RecipientStatus): Settlement {
  return endUnsent(job, status, 'FAILED', { note: 'Its content is no longer kept.' });
}

/** Perhaps sent by an earlier attempt, and nobody has told since. */
export function isInDoubt(job: ClaimedJob, status: RecipientStatus): boolean {
  return status === 'IN_DOUBT' || job.lost > 0 || job.provider !== undefined;
}

/** Nothing more is tried, and this claim was no attempt. That it may have been sent before is as true as ever. */
function endUnsent(job: ClaimedJob, status: RecipientStatus, as: 'EXPIRED' | 'FAILED', data: EventData): Settlement {
  const open = 'It is not sent again; whether it was sent before is open. Resolve it by resolveInDoubt.';
  const last = isInDoubt(job, status)
    ? unsentNews(job, 'IN_DOUBT', 'IN_DOUBT', { note: open })
    : unsentNews(job, as, as, data);
  return done([...lostAttempts(job), last]);
}

/**
 * No way can take it now: back it goes, and the claim was no attempt. Not for ever where its way is
 * shut; a turn in a rate or a quota comes however long the queue is.
 */
export function decideParking(
  job: ClaimedJob,
  refusal: Refusal,
  { now, status }: { readonly now: Date; readonly status: RecipientStatus },
): Settlement {
  const { isShut = false } = refusal;
  const shutMs = job.parkedSince === undefined ? 0 : now.getTime() - job.parkedSince.getTime();
  if (isShut && shutMs > laneLimitMs(job.lane)) {
    const note = `Given up: it waited for ${refusal.waitingFor} of ${refusal.on} for as long as its lane tries.`;
    return endUnsent(job, status, 'FAILED', { reason: 'NETWORK', note });
  }
  return {
    delayMs: refusal.waitMs,
    changes: job.lost > 0 ? [...lostAttempts(job), perhapsSent(job)] : [],
    attempts: job.attempt - 1,
    waitingFor: refusal.waitingFor,
    waitingOn: refusal.on,
    provider: job.provider,
    isShut,
  };
}

/** The job forgets with this settlement that a worker vanished with it; the recipient must not. */
function perhapsSent(job: ClaimedJob): RecipientChange {
  const note = 'The worker vanished during the attempt; the mail may have been sent. It is sent again in its turn.';
  return unsentNews(job, 'IN_DOUBT', 'IN_DOUBT', { note, attempt: job.attempt - 1 });
}

/** An attempt after which the next provider is tried: a fact in the history, the recipient goes on waiting. */
export function fallbackNews(job: ClaimedJob, facts: AttemptFacts): RecipientChange {
  const note = noteOf(facts.result);
  const { reason } = facts.judgement;
  const change: RecipientChange = { ...keyOf(job), event: 'FALLBACK', data: { note, ...(reason && { reason }) } };
  return attempted(facts, 'DEFERRED', change);
}

/** A provider that was not even tried, because it is known to be out of order. */
export function skippedNews(job: ClaimedJob, provider: string, refusal: Refusal): RecipientChange {
  const note = `Not tried: it waits for ${refusal.waitingFor}.`;
  return { ...keyOf(job), event: 'FALLBACK', data: { provider, note } };
}

/** After the last hand-over of a claim: what is certain, and what follows from it. */
export function decideAfterHandOver(
  job: ClaimedJob,
  facts: AttemptFacts,
  before: readonly RecipientChange[] = [],
): Settlement {
  const settlement = decide(job, facts);
  return {
    attempts: facts.attempt,
    ...settlement,
    changes: [...lostAttempts(job), ...before, ...settlement.changes],
  };
}

function decide(job: ClaimedJob, facts: AttemptFacts): Settlement {
  const { result, judgement } = facts;
  const { reason } = judgement;
  switch (judgement.verdict) {
    case 'ACCEPTED': {
      const handedOff = attempted(facts, 'ACCEPTED', newsOf(job, facts, 'HANDED_OFF', 'HANDED_OFF', {}));
      if (!('finalDestination' in result && result.finalDestination)) return done([handedOff]);
      return done([handedOff, newsOf(job, facts, 'DELIVERED', 'DELIVERED', { attempt: facts.attempt })]);
    }
    case 'REJECTED': {
      const change = newsOf(job, facts, 'REJECTED', 'REJECTED', { note: noteOf(result), ...(reason && { reason }) });
      return done([attempted(facts, 'REFUSED', change)]);
    }
    case 'BOUNCED':
      return done([
        attempted(facts, 'REFUSED', newsOf(job, facts, 'BOUNCED', 'BOUNCED', { ...(reason && { reason }) })),
      ]);
    case 'DEFERRED':
      // It was not sent this time; whether it was the time before is as open as ever.
      return isInDoubt(job, facts.status) ? decideInDoubt(job, facts) : decideDeferral(job, facts);
    case 'IN_DOUBT':
      return decideInDoubt(job, facts);
  }
}

function decideDeferral(job: ClaimedJob, facts: AttemptFacts): Settlement {
  const told = noteOf(facts.result);
  const reason = facts.judgement.reason ?? 'OTHER';
  const delayMs = nextDelayMs(job.lane, job.deferrals + 1, facts.random);
  if (delayMs === undefined) {
    const note = `Given up after ${facts.attempt} attempts. ${told}`.trim();
    return done([attempted(facts, 'DEFERRED', newsOf(job, facts, 'FAILED', 'FAILED', { reason, note }))]);
  }
  const data = { reason, note: told, ...nextAttempt(job, facts, delayMs) };
  return {
    delayMs,
    deferrals: job.deferrals + 1,
    waitingFor: mayComeEarlier(job, facts) ? 'RATE_LIMIT' : 'RETRY',
    waitingOn: facts.provider,
    changes: [attempted(facts, 'DEFERRED', newsOf(job, facts, 'DEFERRED', 'DEFERRED', data))],
  };
}

/**
 * A provider that knows a repeated mail is asked again, whatever the policy: that cannot make a second
 * copy. Else RESEND goes on by the lane's schedule with the same Message-ID; HOLD, and a spent
 * schedule, wait.
 */
function decideInDoubt(job: ClaimedJob, facts: AttemptFacts): Settlement {
  const goesOn = facts.idempotent || facts.inDoubt === 'RESEND';
  const delayMs = goesOn ? nextDelayMs(job.lane, job.deferrals + 1, facts.random) : undefined;
  const next = delayMs === undefined ? {} : nextAttempt(job, facts, delayMs);
  const change = newsOf(job, facts, 'IN_DOUBT', 'IN_DOUBT', { note: noteOf(facts.result), ...next });
  const isCertain = facts.judgement.verdict === 'DEFERRED';
  const asked = facts.idempotent ? facts.provider : undefined;
  return {
    delayMs,
    deferrals: job.deferrals + 1,
    waitingFor: mayComeEarlier(job, facts) ? 'RATE_LIMIT' : 'DOUBT',
    waitingOn: facts.provider,
    // Whoever has certainly not taken it this time knows nothing about the time before.
    provider: isCertain ? job.provider : asked,
    changes: [attempted(facts, isCertain ? 'DEFERRED' : 'IN_DOUBT', change)],
  };
}

/**
 * What was refused only because it was too much goes as soon as more is taken. Not each time: a limit that
 * is thought to be lifted every ten seconds would use up the schedule of two days in three minutes.
 */
function mayComeEarlier(job: ClaimedJob, { judgement }: AttemptFacts): boolean {
  return judgement.health === 'PUSHED_BACK' && job.deferrals < MOST_EARLY;
}

function noteOf(result: HandOverResult): string {
  return 'note' in result ? result.note : '';
}

function nextAttempt(job: ClaimedJob, facts: AttemptFacts, delayMs: number): EventData {
  const due = facts.finishedAt.getTime() + delayMs;
  const at = job.expiresAt === undefined ? due : Math.min(due, job.expiresAt.getTime());
  return { nextAttemptAt: new Date(at).toISOString() };
}

function newsOf(
  job: ClaimedJob,
  { attempt }: AttemptFacts,
  event: RecipientChange['event'],
  status: RecipientStatus,
  data: EventData,
): RecipientChange {
  return news({ ...job, attempt }, event, status, data);
}

/** The claim is counted as an attempt, and was none. */
function unsentNews(
  job: ClaimedJob,
  event: RecipientChange['event'],
  status: RecipientStatus,
  data: EventData,
): RecipientChange {
  return news({ ...job, attempt: job.attempt - 1 }, event, status, data);
}

function news(
  job: ClaimedJob,
  event: RecipientChange['event'],
  status: RecipientStatus,
  data: EventData,
): RecipientChange {
  return {
    ...keyOf(job),
    event,
    status,
    attempts: job.attempt,
    ...(data.reason === undefined ? {} : { reason: data.reason }),
    data: { status, ...data },
  };
}

/** Adds the attempt's record and the reply, on the row and in the event, to the news it led to. */
function attempted(facts: AttemptFacts, outcome: AttemptOutcome, change: RecipientChange): RecipientChange {
  const { attempt, result } = facts;
  const reply = 'reply' in result ? result.reply : undefined;
  const provider = facts.provider === undefined ? {} : { provider: facts.provider };
  const providerMessageId = 'providerMessageId' in result ? result.providerMessageId : undefined;
  return {
    ...change,
    ...(reply === undefined ? {} : replyColumns(reply)),
    data: { ...change.data, attempt, ...provider, ...(reply === undefined ? {} : replyData(reply)) },
    attempt: {
      attempt,
      outcome,
      ...provider,
      ...('stage' in result ? { stage: result.stage } : {}),
      ...(providerMessageId === undefined ? {} : { providerMessageId }),
      startedAt: facts.startedAt,
      finishedAt: facts.finishedAt,
    },
  };
}

function replyColumns(reply: SmtpReply): Pick<RecipientChange, 'smtpCode' | 'enhancedCode' | 'reply'> {
  return {
    smtpCode: reply.code,
    reply: reply.text,
    ...(reply.enhanced === undefined ? {} : { enhancedCode: reply.enhanced }),
  };
}

function replyData(reply: SmtpReply): EventData {
  return { code: reply.code, text: reply.text, ...(reply.enhanced === undefined ? {} : { enhanced: reply.enhanced }) };
}

/** One record for each attempt whose worker vanished since the last outcome. */
function lostAttempts(job: ClaimedJob): RecipientChange[] {
  return Array.from({ length: job.lost }, (_, index): RecipientChange => {
    const attempt = job.attempt - job.lost + index;
    const note = 'The worker that held this attempt vanished; the mail may have been sent.';
    return {
      ...keyOf(job),
      event: 'ATTEMPT_LOST',
      data: { attempt, note },
      attempt: { attempt, outcome: 'LOST', startedAt: job.claimedAt, finishedAt: job.claimedAt },
    };
  });
}
