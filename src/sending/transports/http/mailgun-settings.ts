/** Everything a transport needs to know about one sending domain at Mailgun. */
export interface MailgunSettings {
  /** Name recorded with each attempt. */
  readonly name: string;
  /** The sending domain at Mailgun; its settings and its return path apply. */
  readonly domain: string;
  readonly apiKey: string;
  /** https://api.mailgun.net, or https://api.eu.mailgun.net for domains kept in the EU. */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly maxConnections: number;
  /** PEM certificates of a private authority. */
  readonly ca?: string | undefined;
}
