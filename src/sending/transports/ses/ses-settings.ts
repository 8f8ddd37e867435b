/** Everything a transport needs to know about one account at Amazon SES, in one region. */
export interface SesSettings {
  /** Name recorded with each attempt. */
  readonly name: string;
  readonly region: string;
  /** In place of the region's own. */
  readonly endpoint?: string | undefined;
  /** Without keys the client looks where Amazon's tools look: environment, profile, role of the machine. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  readonly configurationSet?: string | undefined;
  readonly timeoutMs: number;
  readonly maxConnections: number;
}
