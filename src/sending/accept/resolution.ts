/** What an operator says about a recipient in doubt. */
export const RESOLUTIONS = ['RESEND', 'HANDED_OFF', 'FAILED'] as const;

export type Resolution = (typeof RESOLUTIONS)[number];
