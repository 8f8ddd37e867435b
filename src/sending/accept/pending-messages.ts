import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Pools } from '../../database/pools.js';
import { Signals } from '../../database/signals.js';
import type { Transaction } from '../../database/transaction.js';
import type { EventCursor } from '../../domain/event-cursor.js';
import type { Principal } from '../../domain/principal.js';
import type { RecipientStatus } from '../../domain/recipient-status.js';
import { type ErrorCode, type UserError, userError } from '../../domain/user-error.js';
import { EventRecorder, type RecipientChange } from '../../events/event-recorder.js';
import { faultOf } from './acceptance-fault.js';
import { type LockedMessage, PendingRepository } from './pending.repository.js';
import type { Resolution } from './resolution.js';
import { sendAtProblem } from './send-at-problem.js';

/** What became of a change: the cursor lies before its first event. */
export type Change =
  | { readonly kind: 'changed'; readonly cursor: EventCursor }
  | { readonly kind: 'refused'; readonly error: UserError };

/** What a change does: the news to record and whether a worker has something to do, or a refusal. */
type Step = (
  tx: Transaction,
  message: LockedMessage,
) => Promise<{ readonly changes: readonly RecipientChange[]; readonly wake: boolean } | { readonly error: UserError }>;

type News = Pick<RecipientChange, 'event' | 'status' | 'data'>;

const WAITING: readonly RecipientStatus[] = ['SCHEDULED', 'QUEUED', 'DEFERRED'];
const MOST_CONFLICTS = 3;

/** Changes messages that are not sent yet, or perhaps not: each change in one transaction with its events. */
@Injectable()
export class PendingMessages {
  constructor(
    private readonly pools: Pools,
    private readonly repository: PendingRepository,
    private readonly recorder: EventRecorder,
    private readonly signals: Signals,
    @Inject(CONFIG) private readonly config: Pick<Config, 'maxScheduleDays'>,
  ) {}

  /** What a worker is busy with is not cancelled: that could be too late, and then a lie. */
  cancel(principal: Principal, messageId: string): Promise<Change> {
    return this.change(principal, messageId, 'id', async (tx, message) => {
      const taken = await this.repository.takeJobs(tx, message, inStatus(message, WAITING));
      const cancelled = [...taken, ...inStatus(message, ['HELD'])];
      const news: News = { event: 'CANCELLED', status: 'CANCELLED' };
      return outcome(message, cancelled, news, { wake: false, otherwise: 'NOT_CANCELLABLE' });
    });
  }

  reschedule(principal: Principal, messageId: string, sendAt: Date): Promise<Change> {
    return this.change(principal, messageId, 'id', async (tx, message) => {
      const problem = sendAtProblem(sendAt, message.at, message.expiresAt, this.config.maxScheduleDays);
      if (problem !== undefined) return { error: userError('INVALID_TIME', ['sendAt'], problem) };
      const moved = await this.repository.moveJobs(tx, message, inStatus(message, WAITING), sendAt);
      const news: News = { event: 'RESCHEDULED', ...dueAt(sendAt, message.at) };
      return outcome(message, moved, news, { wake: true, otherwise: 'NOT_RESCHEDULABLE' });
    });
  }

  /** Also what was taken out of the way after lost attempts: it starts with a clean slate. */
  release(principal: Principal, messageId: string): Promise<Change> {
    return this.change(principal, messageId, 'id', async (tx, message) => {
      const held = inStatus(message, ['HELD']);
      const due = message.sendAt !== undefined && message.sendAt > message.at ? message.sendAt : undefined;
      await this.repository.addJobs(tx, message, held, due);
      const news: News = { event: 'RELEASED', ...dueAt(due, message.at) };
      return outcome(message, held, news, { wake: true, otherwise: 'NOT_HELD' });
    });
  }

  /** Whatever was planned about the doubt is off; only what is being sent again this moment is not. */
  resolve(principal: Principal, messageId: string, n: number, resolution: Resolution): Promise<Change> {
    return this.change(principal, messageId, 'recipientId', async (tx, message) => {
      if (!message.recipients.some((recipient) => recipient.n === n)) return { error: notFound('recipientId') };
      const doubtful = inStatus(message, ['IN_DOUBT']).filter((one) => one === n);
      await this.repository.takeJobs(tx, message, doubtful);
      // A job that is still there is in a worker's hands: then this one is not added.
      const free = await this.repository.addJobs(tx, message, doubtful, undefined);
      if (resolution !== 'RESEND') await this.repository.takeJobs(tx, message, free);
      const status = resolution === 'RESEND' ? 'QUEUED' : resolution;
      const news: News = { event: 'RESOLVED', status, data: { note: `Resolved as ${resolution}.` } };
      const wake = resolution === 'RESEND';
      return outcome(message, free, news, { wake, otherwise: 'NOT_IN_DOUBT', path: 'recipientId' });
    });
  }

  private async change(principal: Principal, messageId: string, path: string, step: Step): Promise<Change> {
    for (let round = 1; ; round += 1) {
      try {
        return await this.changeOnce(principal, messageId, path, step);
      } catch (error) {
        if (faultOf(error) !== 'again' || round >= MOST_CONFLICTS) throw error;
      }
    }
  }

  private async changeOnce(principal: Principal, messageId: string, path: string, step: Step): Promise<Change> {
    const sandboxOnly = principal.mode === 'TEST';
    const done = await this.pools.transaction(this.pools.main, async (tx) => {
      const message = await this.repository.lock(tx, principal.tenantId, messageId, sandboxOnly);
      if (message === undefined) return { error: notFound(path) };
      const stepped = await step(tx, message);
      if ('error' in stepped) return stepped;
      await this.recorder.record(tx, stepped.changes);
      return { message, wake: stepped.wake };
    });
    if ('error' in done) return { kind: 'refused', error: done.error };
    this.recorder.announce();
    if (done.wake) this.signals.publish('jobs', done.message.lane);
    const { snapshot, at } = done.message;
    const cursor = { base: snapshot, target: undefined, tx: '0', id: '0', atMs: at.getTime() };
    return { kind: 'changed', cursor };
  }
}

function inStatus(message: LockedMessage, statuses: readonly RecipientStatus[]): number[] {
  return message.recipients.filter(({ status }) => statuses.includes(status)).map(({ n }) => n);
}

function dueAt(due: Date | undefined, now: Date): Pick<News, 'status' | 'data'> {
  if (due === undefined || due <= now) return { status: 'QUEUED' };
  return { status: 'SCHEDULED', data: { nextAttemptAt: due.toISOString() } };
}

function outcome(
  message: LockedMessage,
  recipients: readonly number[],
  news: News,
  { wake, otherwise, path = 'id' }: { wake: boolean; otherwise: ErrorCode; path?: string },
): Awaited<ReturnType<Step>> {
  if (recipients.length === 0) return { error: userError(otherwise, [path]) };
  const { tenantId, id } = message;
  return { wake, changes: recipients.map((n) => ({ tenantId, messageId: id, n, ...news })) };
}

function notFound(path: string): UserError {
  return userError('NOT_FOUND', [path]);
}
