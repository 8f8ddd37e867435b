/** The other side asks for less. */
export interface Pushback {
  /** Who asks: the provider (our account or address there), or one destination behind it. */
  readonly scope: 'PROVIDER' | 'SITE';
  /** Nothing before this many milliseconds have passed, where that was told. */
  readonly retryAfterMs?: number;
  /** Messages a second that would be taken, where that was told. */
  readonly perSecond?: number;
  /** Connections at once that would be taken, where that was told. */
  readonly maxConnections?: number;
  /** How long `perSecond` and `maxConnections` are to be kept, where that is known. */
  readonly forMs?: number;
}
