import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.js';
import { type Lane, laneOf } from '../../domain/lane.js';
import { type RecipientStatus, statusOf } from '../../domain/recipient-status.js';
import { ADD_JOBS, LOCK_RECIPIENTS, MOVE_JOBS, SET_SEND_AT, TAKE_JOBS } from './change-pending.sql.js';

/** A message of the caller's, whose recipients are locked. */
export interface LockedMessage {
  readonly tenantId: string;
  readonly id: string;
  readonly lane: Lane;
  readonly sendAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly recipients: readonly { readonly n: number; readonly status: RecipientStatus }[];
  /** Before anything was written, and the database's time of it. */
  readonly snapshot: string;
  readonly at: Date;
}

interface LockedRow {
  readonly lane: number;
  readonly sendAt: Date | null;
  readonly expiresAt: Date | null;
  readonly n: number;
  readonly status: number;
  readonly snapshot: string;
  readonly at: Date;
}

/** What callers may change about messages that are still here. All in the caller's transaction. */
@Injectable()
export class PendingRepository {
  async lock(tx: Transaction, tenantId: string, id: string, sandboxOnly: boolean): Promise<LockedMessage | undefined> {
    const { rows } = await tx.query<LockedRow>(LOCK_RECIPIENTS, [tenantId, id, sandboxOnly]);
    const [first] = rows;
    if (first === undefined) return undefined;
    return {
      tenantId,
      id,
      lane: laneOf(first.lane),
      sendAt: first.sendAt ?? undefined,
      expiresAt: first.expiresAt ?? undefined,
      recipients: rows.map((row) => ({ n: row.n, status: statusOf(row.status) })),
      snapshot: first.snapshot,
      at: first.at,
    };
  }

  /** The recipients whose job was taken: nobody will send to them now. */
  takeJobs(tx: Transaction, message: LockedMessage, recipients: readonly number[]): Promise<number[]> {
    return numbers(tx, TAKE_JOBS, [message.tenantId, message.id, recipients]);
  }

  /** The recipients whose job was moved. */
  async moveJobs(tx: Transaction, message: LockedMessage, recipients: readonly number[], to: Date): Promise<number[]> {
    const moved = await numbers(tx, MOVE_JOBS, [message.tenantId, message.id, recipients, to]);
    if (moved.length > 0) await tx.query(SET_SEND_AT, [message.tenantId, message.id, to]);
    return moved;
  }

  /** The recipients that got a job; those that have one keep it. */
  addJobs(
    tx: Transaction,
    message: LockedMessage,
    recipients: readonly number[],
    due: Date | undefined,
  ): Promise<number[]> {
    return numbers(tx, ADD_JOBS, [message.tenantId, message.id, recipients, due ?? null]);
  }
}

async function numbers(tx: Transaction, text: string, values: unknown[]): Promise<number[]> {
  const { rows } = await tx.query<{ n: number }>(text, values);
  return rows.map((row) => row.n).toSorted((a, b) => a - b);
}
