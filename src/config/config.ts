import { z } from 'zod';
import { parseEmailAddress } from '../domain/email-address.js';
import { isGreetingName } from '../domain/host-name.js';
import { areCertificates } from '../domain/pem-certificates.js';
import { isNameServer, isReturnPathHost, isSpfMechanism } from './network-forms.js';
import { smtpUrlProblem } from './smtp-url.js';

/**
 * Every setting of the service: its variable, meaning, default and limits in one place. The
 * configuration reference in docs/ is generated from this file. A variable can also be given as
 * POSTERN_X_FILE, the path of a mounted secret.
 */

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const split = (text: string): string[] => text.split(',').map((part) => part.trim());

/** A text of the form; otherwise the sentence that says it is told, and never the text. */
const form = (isRight: (text: string) => boolean, sentence: string) => z.string().refine(isRight, sentence);

/** Such texts, separated by commas. */
const list = (isRight: (item: string) => boolean, sentence: string) =>
  form((text) => split(text).every(isRight), sentence).transform(split);

const KiB = 1024;
const MiB = 1024 * KiB;

export const configSchema = z.object({
  role: z
    .enum(['all', 'api', 'worker'])
    .default('all')
    .describe('What this process does: `api` accepts and answers, `worker` delivers, `all` does both.'),
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address the HTTP server listens on; `0.0.0.0` in a container.'),
  port: integer(0, 65535).default(3025).describe('Port of the HTTP server; 0 takes any free port.'),
  dataDir: z
    .string()
    .min(1)
    .default('./.postern')
    .describe('Folder for the embedded database and the first test key. Unused with a database URL.'),
  databaseUrl: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe(
      'PostgreSQL 15 or later, `postgres://user:password@host:5432/name`. Without it an embedded PostgreSQL runs in the data folder.',
    ),
  databasePool: integer(2, 200).default(10).describe('Connections for accepting and answering, per process.'),
  workerPool: integer(2, 200).default(6).describe('Connections for the queue, per worker process.'),
  apiKeyPepper: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Secret (at least 32 characters) that API key digests are made with. Without it the one made at installation and kept in the database is used. Changing it invalidates every key.',
    ),

  encryptionKey: list(
    (key) => /^[A-Za-z0-9+/]{43}=$/.test(key),
    'must be 32 bytes in base64, as `openssl rand -base64 32` prints them, or several such keys separated by commas.',
  )
    .optional()
    .describe(
      'Key (32 bytes, base64: `openssl rand -base64 32`) that secrets in the database are encrypted with: credentials of providers, DKIM keys. Several, separated by commas: the first encrypts, all decrypt. With the embedded database one is made in the data folder.',
    ),
  smtpUrl: z
    .string()
    .superRefine((text, context) => {
      const message = smtpUrlProblem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional()
    .describe(
      'The relay that live mail goes through: `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. It is the provider `smtp`, and the way of all mail that no other route is for; the POSTERN_SMTP_ settings are about it.',
    ),
  smtpTls: z
    .enum(['required', 'opportunistic', 'off'])
    .optional()
    .describe(
      'TLS towards the relay. Default: `required` when the URL has credentials, else `opportunistic`. `off` together with credentials is refused.',
    ),
  smtpTlsCa: form(
    areCertificates,
    'must be one or more certificates in PEM form; POSTERN_SMTP_TLS_CA_FILE takes the path of a file with them.',
  )
    .optional()
    .describe('PEM certificate(s) of a private authority that signed the relay’s certificate.'),
  smtpEhloName: form(isGreetingName, 'must be a name such as mail.example.com, or an address such as [192.0.2.1].')
    .optional()
    .describe('Name given in EHLO, `mail.example.com` or `[192.0.2.1]`. Default: this host’s name.'),
  smtpConnections: integer(1, 2000)
    .default(50)
    .describe(
      'Most connections to one relay at once, per worker process, where its provider has no limit of its own. At least the sum of the lanes’ slots, so that no lane waits for another’s connection.',
    ),
  smtpMessagesPerConnection: integer(1, 100_000)
    .default(100)
    .describe('Messages sent over one connection before it is replaced.'),
  smtpConnectTimeoutMs: integer(100, 300_000)
    .default(10_000)
    .describe('Milliseconds to reach the relay and read its greeting.'),
  smtpCommandTimeoutMs: integer(100, 600_000)
    .default(30_000)
    .describe('Milliseconds from the first command of a message to the reply to DATA.'),
  smtpFinalReplyTimeoutMs: integer(100, 900_000)
    .default(120_000)
    .describe(
      'Milliseconds to wait for the reply after the final dot. Giving up early makes duplicates: keep it long.',
    ),
  providers: z
    .string()
    .optional()
    .describe(
      'Providers and routes as JSON, usually in a mounted file: see [Providers](providers.md). Together with or instead of `POSTERN_SMTP_URL` and what administrators make by mutation.',
    ),
  dnsServers: list(
    isNameServer,
    'must be addresses separated by commas, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53].',
  )
    .optional()
    .describe(
      'Name servers to ask for sender domains and mail exchangers, separated by commas: `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]`. Default: those of the system.',
    ),
  returnPath: form(
    (text) => parseEmailAddress(text)?.utf8Local === false,
    'must be one e-mail address such as bounces@example.com, in ASCII before the @.',
  )
    // With the domain in the form that every relay takes.
    .transform((text) => parseEmailAddress(text)?.value ?? text)
    .optional()
    .describe(
      'Envelope sender of live mail, `bounces@example.com`. Default: `bounces@` the return path of the verified domain it is from, else the From address.',
    ),
  returnPathHost: form(
    isReturnPathHost,
    'must be mx: or cname: and the full name of a host, such as mx:mail.example.net.',
  )
    .optional()
    .describe(
      'Where bounces to the return paths of sender domains go: `mx:mail.example.net` has the owner of a domain publish an MX and an SPF record, `cname:bounce.example.net` a CNAME to a name that has both. Default: no return path is asked for.',
    ),
  spfInclude: list(
    isSpfMechanism,
    'must be SPF mechanisms separated by commas, such as include:_spf.example.net, a:mail.example.net, ip4:192.0.2.0/28 or ip6:2001:db8::/32.',
  )
    .optional()
    .describe(
      'SPF mechanisms of the hosts that live mail leaves from, separated by commas: `include:_spf.example.net`, `a:mail.example.net`, `ip4:192.0.2.0/28` or `ip6:2001:db8::/32`. Default: SPF is neither asked for nor checked.',
    ),
  fromPolicy: z
    .enum(['any', 'once-verified', 'verified'])
    .default('once-verified')
    .describe(
      'Which From addresses live mail may have: `any`; `once-verified`, any but those at domains that another tenant has verified, and once the tenant has verified one only those at its own and their subdomains; `verified`, only those in any case.',
    ),

  maxRecipients: integer(1, 1000).default(50).describe('Most recipients of one message: to, cc and bcc together.'),
  maxSubjectChars: integer(1, 998).default(998).describe('Longest subject, in characters.'),
  maxBodyBytes: integer(1 * KiB, 50 * MiB)
    .default(2 * MiB)
    .describe('Largest text or HTML body, in bytes of UTF-8, each.'),
  maxAttachments: integer(0, 100).default(20).describe('Most attachments of one message.'),
  maxAttachmentBytes: integer(0, 100 * MiB)
    .default(10 * MiB)
    .describe('Largest attachment, in bytes after decoding.'),
  maxMessageBytes: integer(1 * KiB, 100 * MiB)
    .default(20 * MiB)
    .describe('Largest message: bodies and decoded attachments together, in bytes.'),
  maxBatch: integer(1, 500).default(500).describe('Most messages in one sendMessages request.'),
  maxRequestBytes: integer(16 * KiB, 200 * MiB)
    .default(32 * MiB)
    .describe('Largest HTTP request body, in bytes.'),
  maxScheduleDays: integer(1, 365).default(30).describe('How far ahead sendAt may lie, in days.'),
  maxSubscriptionsPerSocket: integer(1, 1000).default(20).describe('Most subscriptions on one WebSocket.'),
  subscriptionBuffer: integer(16, 100_000)
    .default(1024)
    .describe('Events held for a slow subscriber before it is cut off with a cursor to resume from.'),

  slotsOtp: integer(1, 500).default(10).describe('Messages of lane OTP handed over at once, per worker process.'),
  slotsTransactional: integer(1, 500).default(20).describe('The same for lane TRANSACTIONAL.'),
  slotsNotification: integer(1, 500).default(10).describe('The same for lane NOTIFICATION.'),
  slotsBulk: integer(1, 500).default(10).describe('The same for lane BULK.'),
  leaseMs: integer(1000, 600_000)
    .default(60_000)
    .describe(
      'Milliseconds a claimed job stays with its worker without a sign of life. Extended while the worker lives.',
    ),
  readyQueueAgeMs: integer(1000, 86_400_000)
    .default(900_000)
    .describe(
      'Age of the oldest due job, in milliseconds, beyond which /readyz of a worker reports the queue as down.',
    ),
  sandboxKeep: integer(10, 100_000)
    .default(1000)
    .describe('Messages the sandbox inbox keeps per tenant; older ones are dropped.'),

  explorer: flag
    .default(true)
    .describe('Serve the explorer at /graphiql and the inbox at /inbox, and answer introspection.'),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('Least severe log line written.'),
  drainDelayMs: integer(0, 120_000)
    .default(0)
    .describe('Milliseconds to go on serving after SIGTERM while /readyz already fails, so that balancers notice.'),
  shutdownTimeoutMs: integer(1000, 600_000)
    .default(30_000)
    .describe('Milliseconds to finish hand-overs in flight after SIGTERM before their leases are left to expire.'),
});

/** The validated settings; frozen. */
export type Config = Readonly<z.infer<typeof configSchema>>;

/** Injection token of the settings. */
export const CONFIG = Symbol('CONFIG');
