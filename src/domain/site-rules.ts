/**
 * How the big mailbox providers want to be written to. Where nothing else is said, limits, texts and
 * times are those of KumoMTA's policy-extras/shaping.toml and community/shaping.toml (August 2026,
 * commit 3ebc1e8), Apache License 2.0, brought into our form; rates and times beside a text
 * are its `action` and `duration`, `times` its `trigger`.
 */
interface SiteLimitRule {
  /** Connections at once. */
  readonly maxConnections: number;
  readonly messagesPerConnection: number;
  readonly perSecond: number;
}

/** What follows from a reply. */
export interface SiteReaction {
  /** Tried on code, enhanced code and text with blanks between, as `421 4.7.0 [TSS04] Messages from …`. */
  readonly reply: RegExp;
  /** RECIPIENT: only this one mail waits, whatever the code says. */
  readonly scope: 'SITE' | 'RECIPIENT';
  /** It follows from the n-th such reply within an hour on; default the first. */
  readonly times?: number;
  /** Nothing at all for this long. */
  readonly suspendMs?: number;
  /** These limits for that long. */
  readonly perSecond?: number;
  readonly maxConnections?: number;
  readonly forMs?: number;
}

export interface SiteRule extends SiteLimitRule {
  readonly name: string;
  /** All MX hosts of the domain end in one of these. */
  readonly suffixes: readonly string[];
  /** One budget for all domains at this provider, however their MX hosts are called. */
  readonly shared: boolean;
  /** The certificate is checked, and nothing is sent in clear. */
  readonly tls?: 'required';
  readonly reactions: readonly SiteReaction[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const DEFAULT_LIMITS: SiteLimitRule = { maxConnections: 10, messagesPerConnection: 100, perSecond: 100 };

/** Texts that several providers use; behind those of the site itself. */
export const DEFAULT_REACTIONS: readonly SiteReaction[] = [
  {
    reply:
      /messages from \S+ temporarily deferred|all messages from \S+ will be permanently deferred|temporarily rate limited due to IP reputation|messages from \S+ weren.t sent|server busy\. please try again later from/i,
    scope: 'SITE',
    perSecond: 1 / 60,
    maxConnections: 1,
    forMs: 90 * MINUTE,
  },
];

/** Consumer mail and Microsoft 365 say the same things; the texts are KumoMTA's of the first. */
const MICROSOFT_REACTIONS: readonly SiteReaction[] = [
  {
    // S3115 and 4.7.652: Microsoft's own codes for the same.
    reply: /exceeded the maximum number of connections|max concurrent connections\. IB007|451 4\.7\.652|\(S3115\)/i,
    scope: 'SITE',
    times: 2,
    maxConnections: 1,
    forMs: HOUR,
  },
  { reply: /part of their network is on our block list/i, scope: 'SITE', times: 5, suspendMs: 2 * HOUR },
  { reply: /access denied, please try again later/i, scope: 'SITE', times: 5, suspendMs: HOUR },
  { reply: /the mail server.*has been temporarily rate limited/i, scope: 'SITE', times: 3, suspendMs: 30 * MINUTE },
  { reply: /server busy\. please try again later/i, scope: 'SITE', times: 5, suspendMs: 30 * MINUTE },
  { reply: /temporary server error\. please try again later/i, scope: 'SITE', times: 5, suspendMs: HOUR },
];

const MICROSOFT = { maxConnections: 5, messagesPerConnection: 50, perSecond: 100, shared: true } as const;

export const SITE_RULES: readonly SiteRule[] = [
  {
    name: 'google',
    suffixes: ['.google.com', '.googlemail.com'],
    shared: true,
    maxConnections: 5,
    messagesPerConnection: 50,
    perSecond: 100,
    tls: 'required',
    reactions: [
      // Google's list of SMTP errors, support.google.com/a/answer/3726730: these two are about the recipient.
      { reply: /^4\d\d 4\.2\.1 .*receiving mail/i, scope: 'RECIPIENT' },
      { reply: /^452 4\.2\.2 /, scope: 'RECIPIENT' },
      // The code is Google's for the same text.
      {
        reply: /our system has detected an unusual rate|^421 4\.7\.28 /i,
        scope: 'SITE',
        times: 2,
        perSecond: 10 / 60,
        forMs: 30 * MINUTE,
      },
      { reply: /our system has detected that this message/i, scope: 'SITE', times: 5, suspendMs: HOUR },
    ],
  },
  {
    name: 'outlook',
    suffixes: ['.olc.protection.outlook.com'],
    ...MICROSOFT,
    reactions: MICROSOFT_REACTIONS,
  },
  {
    name: 'office365',
    suffixes: ['.mail.protection.outlook.com'],
    ...MICROSOFT,
    reactions: MICROSOFT_REACTIONS,
  },
  {
    name: 'office365-dane',
    suffixes: ['.mx.microsoft'],
    ...MICROSOFT,
    reactions: MICROSOFT_REACTIONS,
  },
  {
    name: 'yahoo',
    suffixes: ['.yahoodns.net'],
    shared: true,
    maxConnections: 10,
    messagesPerConnection: 20,
    perSecond: 100,
    reactions: [
      { reply: /\[TSS05\]|\[IPTS05\]/, scope: 'SITE', times: 2, suspendMs: 4 * HOUR },
      { reply: /\[TS?S04\]|\[IPTS04\]/, scope: 'SITE', times: 2, suspendMs: 2 * HOUR },
      { reply: /\[TS02\]/, scope: 'SITE', times: 3, perSecond: 1 / 60, forMs: 30 * MINUTE },
      { reply: /\[TS03\]/, scope: 'SITE', times: 3, perSecond: 10 / 60, forMs: 30 * MINUTE },
      { reply: /^553 5\.7\.1 \[BL/, scope: 'SITE', times: 5, suspendMs: 2 * HOUR },
      { reply: /max message per connection reached/i, scope: 'SITE', times: 3, perSecond: 10 / 60, forMs: HOUR },
    ],
  },
  {
    // KumoMTA names the domain; these are its MX hosts.
    name: 'yahoo.co.jp',
    suffixes: ['.yahoo.co.jp'],
    shared: true,
    maxConnections: 2,
    messagesPerConnection: 20,
    perSecond: 10,
    reactions: [
      { reply: /VS98-IP0 deferred|\[TSS04\]|\[IPTS04\]/, scope: 'SITE', times: 2, suspendMs: HOUR },
      { reply: /timeout waiting for command/i, scope: 'SITE', times: 2, suspendMs: 30 * MINUTE },
    ],
  },
  {
    name: 'apple',
    suffixes: ['.icloud.com'],
    shared: true,
    maxConnections: 10,
    messagesPerConnection: 5,
    perSecond: 100,
    reactions: [
      { reply: /present in the Spamhaus DBL/i, scope: 'SITE', times: 3, suspendMs: 4 * HOUR },
      { reply: /\[HCM1\]/, scope: 'SITE', times: 3, suspendMs: 15 * MINUTE },
      { reply: /\[BS02\]|service unavailable - try again later/i, scope: 'SITE', times: 5, suspendMs: 15 * MINUTE },
    ],
  },
  {
    name: 'gmx',
    suffixes: ['.gmx.net', '.web.de'],
    shared: false,
    maxConnections: 4,
    messagesPerConnection: 20,
    perSecond: 100,
    tls: 'required',
    reactions: [
      { reply: /too many connections/i, scope: 'SITE', times: 3, maxConnections: 1, forMs: 30 * MINUTE },
      { reply: /^554 .*reject due to policy restrictions/i, scope: 'SITE', times: 5, suspendMs: 2 * HOUR },
      { reply: /reject due to policy restrictions/i, scope: 'SITE', times: 5, perSecond: 1 / 60, forMs: HOUR },
      { reply: /reject due to policy violations/i, scope: 'SITE', times: 5, suspendMs: HOUR },
    ],
  },
  {
    name: 'orange',
    suffixes: ['.orange.fr'],
    shared: true,
    maxConnections: 2,
    messagesPerConnection: 100,
    perSecond: 100,
    tls: 'required',
    reactions: [
      { reply: /trop de connexions/i, scope: 'SITE', times: 2, maxConnections: 1, forMs: HOUR },
      { reply: /service refuse/i, scope: 'SITE', times: 2, suspendMs: HOUR },
      { reply: /client host blocked for spamming issues/i, scope: 'SITE', times: 5, suspendMs: 2 * HOUR },
    ],
  },
  {
    // KumoMTA names the domain; these are its MX hosts.
    name: 'comcast',
    suffixes: ['.comcast.net'],
    shared: true,
    maxConnections: 25,
    messagesPerConnection: 1000,
    perSecond: 100,
    tls: 'required',
    reactions: [{ reply: /RL000010/, scope: 'SITE', suspendMs: 5 * MINUTE }],
  },
  {
    // Each set of hosts is a region with a budget of its own.
    name: 'mimecast',
    suffixes: ['.mimecast.com', '.mimecast.co.za', '.mimecast-offshore.com'],
    shared: false,
    maxConnections: 10,
    messagesPerConnection: 100,
    perSecond: 100,
    reactions: [
      { reply: /internal resource temporarily unavailable/i, scope: 'SITE', times: 3, suspendMs: 30 * MINUTE },
    ],
  },
];
