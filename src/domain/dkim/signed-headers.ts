import type { HeaderField } from './header-fields.js';

/** Signed where they are present: what a reader sees, and what a mail program acts on. */
const SIGNED: ReadonlySet<string> = new Set([
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'reply-to',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'auto-submitted',
  'feedback-id',
]);

/**
 * Named once more than they occur: a further one, which some programs would show instead of ours,
 * breaks the signature (RFC 6376 section 8.15).
 */
const OVERSIGNED: readonly string[] = ['from', 'to', 'subject', 'date', 'reply-to', 'list-unsubscribe'];

/** The names for h= and the fields in the order in which they are signed. */
export interface SignedHeaders {
  readonly names: readonly string[];
  readonly fields: readonly HeaderField[];
}

/** Of several fields of one name the last is signed first (RFC 6376 section 5.4.2). */
export function signedHeaders(all: readonly HeaderField[]): SignedHeaders {
  const fields = all.filter(({ name }) => SIGNED.has(name) || name.startsWith('list-')).toReversed();
  return { names: [...fields.map(({ name }) => name), ...OVERSIGNED], fields };
}
