/** Where a recipient stands in the message. The position is the number stored in the database. */
const RECIPIENT_KINDS = ['TO', 'CC', 'BCC'] as const;

export type RecipientKind = (typeof RECIPIENT_KINDS)[number];

/** The smallint stored for a kind. */
export function recipientKindCode(kind: RecipientKind): number {
  return RECIPIENT_KINDS.indexOf(kind);
}

/** The kind behind a stored smallint. */
export function recipientKindOf(code: number): RecipientKind {
  const kind = RECIPIENT_KINDS[code];
  if (kind === undefined) throw new RangeError(`unknown recipient kind ${code}`);
  return kind;
}
