/**
 * How a destination behaves. `busy`: one mail in ten is answered 421, and the connection closed.
 * `hanging`: after RCPT nothing more is heard. `dripping`: each reply to a mail comes one byte at a time.
 */
export type Behaviour = 'fine' | 'busy' | 'hanging' | 'dripping';

/** How a host is away. `silent`: it takes the connection and says nothing. */
export type Absence = 'refusing' | 'silent';

/** What the parent process wants of the sink; each is answered. */
export type SinkOrder =
  | { readonly do: 'count' }
  | { readonly do: 'reset' }
  /** When each copy of each message came; of those numbered below, or of all. */
  | { readonly do: 'arrivals'; readonly below: number | undefined }
  | { readonly do: 'behave'; readonly domain: string; readonly as: Behaviour }
  /** Messages a second beyond which it answers 451; undefined: as many as come. */
  | { readonly do: 'limit'; readonly perSecond: number | undefined }
  /** Milliseconds each reply is on its way. */
  | { readonly do: 'retreat'; readonly ms: number }
  | { readonly do: 'leave'; readonly as: Absence }
  | { readonly do: 'return' };

export interface SinkCount {
  /** Different messages, and copies of them. */
  readonly unique: number;
  readonly received: number;
  /** Mails that were answered with a deferral. */
  readonly deferred: number;
  /** Milliseconds since the epoch. */
  readonly lastUniqueAt: number;
}
