/**
 * What to do when a connection died after the final dot and nobody knows whether the mail was taken.
 * RESEND: send again with the same Message-ID (a second copy is possible, the mail is not lost).
 * HOLD: never send twice; wait for an operator or for the provider's own news.
 * The position is the number stored in the database.
 */
export const IN_DOUBT_POLICIES = ['RESEND', 'HOLD'] as const;

export type InDoubtPolicy = (typeof IN_DOUBT_POLICIES)[number];
