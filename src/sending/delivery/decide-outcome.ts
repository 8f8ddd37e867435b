import type { EventData } from '../../domain/delivery-event.js';
import type { InDoubtPolicy } from '../../domain/in-doubt-policy.js';
import type { RecipientStatus } from '../../domain/recipient-status.js';
import { nextDelayMs } from '../../domain/retry-schedule.js';
import { classifyReply } from '../../domain/smtp-reply-class.js';
import type { RecipientChange } from '../../events/event-recorder.js';
import type { HandOverResult, SmtpReply } from '../transports/transport.js';
import type { ClaimedJob } from './claimed-job.js';

/** Claims in a row without an outcome after which a message is taken out of the way. */
const MOST_LOST_CLAIMS = 3;

/** What becomes of a job: put back after a delay, or (without one) done; and the news to record. */
export interface Settlement {
  readonly delayMs: number | undefined;
  readonly changes: readonly RecipientChange[];
}

/** What the decision needs besides the job: times are the database's, chance comes in. */
export interface AttemptFacts {
  readonly provider: string | undefined;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** In [0, 1): spreads retries. */
  readonly random: number;
  readonly inDoubt: InDoubtPolicy;
}

type Key = Pick<RecipientChange, 'tenantId' | 'messageId' | 'n'>;

const keyOf = (job: ClaimedJob): Key => ({ tenantId: job.tenantId, messageId: job.messageId, n: job.n });

const done = (changes: readonly RecipientChange[]): Settlement => ({ delayMs: undefined, changes });

/**
 * Before anything is sent: is there a reason not to? A job whose last holder vanished may already be
 * with the provider. That is never passed over in silence: it is told as ATTEMPT_LOST, and with the
 * policy HOLD, or after three such claims, the message waits for an operator instead.
 */
export function decideBeforeSending(job: ClaimedJob, inDoubt: InDoubtPolicy): Settlement | undefined {
  const lost = lostAttempts(job);
  if (job.lost > 0 && inDoubt === 'HOLD') {
    const note = 'The worker vanished during the attempt; the mail may have been sent. Resolve it by resolveInDoubt.';
    return done([...lost, news(job, 'IN_DOUBT', 'IN_DOUBT', { note, attempt: job.attempt - 1 })]);
  }
  if (job.lost >= MOST_LOST_CLAIMS) {
    const note = `${job.lost} workers in a row vanished while holding this message. Release it by releaseMessage.`;
    return done([...lost, news(job, 'QUARANTINED', 'HELD', { note, reason: 'OTHER' })]);
  }
  if (job.expired) {
    return done([
      ...lost,
      news(job, 'EXPIRED', 'EXPIRED', { note: 'Its time was over before it could be handed over.' }),
    ]);
  }
  return undefined;
}

/** After a hand-over: what is certain, and what follows from it. */
export function decideAfterHandOver(job: ClaimedJob, result: HandOverResult, facts: AttemptFacts): Settlement {
  const settlement = decide(job, result, facts);
  return { ...settlement, changes: [...lostAttempts(job), ...settlement.changes] };
}

function decide(job: ClaimedJob, result: HandOverResult, facts: AttemptFacts): Settlement {
  switch (result.outcome) {
    case 'accepted': {
      const handedOff = attempted(job, facts, 'ACCEPTED', result, news(job, 'HANDED_OFF', 'HANDED_OFF', {}));
      if (!result.finalDestination) return done([handedOff]);
      return done([handedOff, news(job, 'DELIVERED', 'DELIVERED', { attempt: job.attempt })]);
    }
    case 'refused': {
      if (result.reply === undefined) {
        const change = news(job, 'REJECTED', 'REJECTED', { note: result.note, reason: 'POLICY' });
        return done([attempted(job, facts, 'REFUSED', result, change)]);
      }
      const { reason, permanent } = classifyReply(result.reply);
      // A 5xx that is about us (credentials, relaying, quota) or asks to come back must not bounce the mail.
      if (!permanent) return decideDeferral(job, result, facts);
      const change = news(job, 'BOUNCED', 'BOUNCED', { reason });
      return done([attempted(job, facts, 'REFUSED', result, change)]);
    }
    case 'deferred':
      return decideDeferral(job, result, facts);
    case 'in_doubt':
      return decideInDoubt(job, result, facts);
  }
}

function decideDeferral(
  job: ClaimedJob,
  result: Extract<HandOverResult, { outcome: 'deferred' | 'refused' }>,
  facts: AttemptFacts,
): Settlement {
  const reason = result.reply === undefined ? 'NETWORK' : classifyReply(result.reply).reason;
  const delayMs = nextDelayMs(job.lane, job.attempt, facts.random);
  if (delayMs === undefined) {
    const note = `Given up after ${job.attempt} attempts. ${result.note}`.trim();
    return done([attempted(job, facts, 'DEFERRED', result, news(job, 'FAILED', 'FAILED', { reason, note }))]);
  }
  const change = news(job, 'DEFERRED', 'DEFERRED', { reason, note: result.note, ...nextAttempt(job, facts, delayMs) });
  return { delayMs, changes: [attempted(job, facts, 'DEFERRED', result, change)] };
}

/** RESEND goes on by the lane's schedule with the same Message-ID; HOLD, and a spent schedule, wait. */
function decideInDoubt(
  job: ClaimedJob,
  result: Extract<HandOverResult, { outcome: 'in_doubt' }>,
  facts: AttemptFacts,
): Settlement {
  const delayMs = facts.inDoubt === 'RESEND' ? nextDelayMs(job.lane, job.attempt, facts.random) : undefined;
  const next = delayMs === undefined ? {} : nextAttempt(job, facts, delayMs);
  const change = news(job, 'IN_DOUBT', 'IN_DOUBT', { note: result.note, ...next });
  return { delayMs, changes: [attempted(job, facts, 'IN_DOUBT', result, change)] };
}

function nextAttempt(job: ClaimedJob, facts: AttemptFacts, delayMs: number): EventData {
  const due = facts.finishedAt.getTime() + delayMs;
  const at = job.expiresAt === undefined ? due : Math.min(due, job.expiresAt.getTime());
  return { nextAttemptAt: new Date(at).toISOString() };
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
function attempted(
  job: ClaimedJob,
  facts: AttemptFacts,
  outcome: string,
  result: HandOverResult,
  change: RecipientChange,
): RecipientChange {
  const reply = 'reply' in result ? result.reply : undefined;
  const provider = facts.provider === undefined ? {} : { provider: facts.provider };
  return {
    ...change,
    ...(reply === undefined ? {} : replyColumns(reply)),
    data: { ...change.data, attempt: job.attempt, ...provider, ...(reply === undefined ? {} : replyData(reply)) },
    attempt: {
      attempt: job.attempt,
      outcome,
      ...provider,
      ...('stage' in result ? { stage: result.stage } : {}),
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
