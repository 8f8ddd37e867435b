/** A recipient with what its job tells, as the ledger stands now. */
export interface RecipientRow {
  readonly messageId: string;
  readonly n: number;
  readonly kind: number;
  readonly address: string;
  readonly name: string | null;
  /** Derived: SENDING while the job carries a live lease. */
  readonly status: number;
  readonly attempts: number;
  readonly reason: string | null;
  readonly smtpCode: number | null;
  readonly enhancedCode: string | null;
  readonly reply: string | null;
  readonly updatedAt: Date;
  /** When its job is due, while nobody works on it. */
  readonly nextAttemptAt: Date | null;
  /** When its job is due, or its lease ends; null without a job. */
  readonly dueAt: Date | null;
  readonly isDue: boolean;
  readonly waitingFor: number | null;
  readonly waitingOn: string | null;
  readonly lanePaused: boolean;
}

/**
 * The status of a recipient r with its job j, if any. SENDING (2) is never stored: it is what waits
 * for us (SCHEDULED 0, QUEUED 1, DEFERRED 3, IN_DOUBT 5) while a worker holds a live lease.
 */
export const PRESENT_STATUS = `
  case when j.lease is not null and j.run_at > now() and r.status in (0, 1, 3, 5) then 2 else r.status end`;

/** The columns of RecipientRow, of a recipient r and its job j. */
export const RECIPIENT_COLUMNS = `
  r.message_id as "messageId", r.n, r.kind, r.address, r.name, ${PRESENT_STATUS} as status, r.attempts, r.reason,
  r.smtp_code as "smtpCode", r.enhanced_code as "enhancedCode", r.reply, r.updated_at as "updatedAt",
  case when j.lease is null then j.run_at end as "nextAttemptAt",
  j.run_at as "dueAt", j.waiting_for as "waitingFor", j.waiting_on as "waitingOn", coalesce(j.run_at <= now(), false) as "isDue",
  exists (select from lane_pause p where p.lane = j.lane) as "lanePaused"`;

/** One conversation about a recipient. */
export interface AttemptRow {
  readonly messageId: string;
  readonly n: number;
  readonly attempt: number;
  readonly outcome: string;
  readonly provider: string | null;
  readonly stage: string | null;
  readonly smtpCode: number | null;
  readonly enhancedCode: string | null;
  readonly reply: string | null;
  readonly providerMessageId: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}
