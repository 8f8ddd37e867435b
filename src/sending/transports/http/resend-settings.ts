/** Everything a transport needs to know about one account at Resend. */
export interface ResendSettings {
  /** Name recorded with each attempt. */
  readonly name: string;
  /** One that may only send is enough. */
  readonly apiKey: string;
  /** https://api.resend.com */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly maxConnections: number;
  /** PEM certificates of a private authority. */
  readonly ca?: string | undefined;
}
