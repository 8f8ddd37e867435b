/** UNKNOWN: DNS gave no answer that says anything about the record; it passes. */
export type RecordStatus = 'FOUND' | 'MISSING' | 'WRONG' | 'UNKNOWN';

/** What DNS says about a record, and what is wrong in one sentence. */
export interface RecordCheck {
  readonly status: RecordStatus;
  readonly problem?: string;
}
