import type { Config } from '../../../config/config.js';
import { hostOf } from '../../../config/smtp-url.js';

/** How we prove who we are. ANY takes what the relay offers, PLAIN before LOGIN before CRAM-MD5; for XOAUTH2 the pass is an access token. */
export interface SmtpAuth {
  readonly method: 'ANY' | 'PLAIN' | 'LOGIN' | 'XOAUTH2';
  readonly user: string;
  readonly pass: string;
}

/** Everything a transport needs to know about one relay. */
export interface SmtpSettings {
  /** Name recorded with each attempt. */
  readonly name: string;
  readonly host: string;
  /** Dialled instead of looking `host` up, which is then the name to greet and to check. */
  readonly address: string | undefined;
  /** Address of ours that connections come from; undefined: the system chooses. */
  readonly sourceAddress: string | undefined;
  readonly port: number;
  /** TLS from the first byte (smtps); otherwise STARTTLS as `tls` says. */
  readonly secure: boolean;
  readonly tls: 'required' | 'opportunistic' | 'off';
  readonly auth: SmtpAuth | undefined;
  /** PEM certificates of a private authority. */
  readonly ca: string | undefined;
  readonly ehloName: string | undefined;
  readonly maxConnections: number;
  readonly messagesPerConnection: number;
  /** From the dial to the greeting. */
  readonly connectTimeoutMs: number;
  /** From EHLO to being ready, and again from MAIL to the reply to DATA. */
  readonly commandTimeoutMs: number;
  /** From the final dot to its reply. */
  readonly finalReplyTimeoutMs: number;
  /** An unused connection is ended after this time. */
  readonly idleMs: number;
}

/** Below the shortest idle limits of public relays, so that we are the one who ends it. */
export const IDLE_MS = 30_000;

const SUBMISSION_PORT = 587;
/** TLS from the first byte (RFC 8314). */
export const SUBMISSIONS_PORT = 465;
const RELAY_PORT = 25;

/** The relay of POSTERN_SMTP_URL, or undefined when none is configured. */
export function smtpSettingsFrom(config: Config): SmtpSettings | undefined {
  if (config.smtpUrl === undefined) return undefined;
  const url = new URL(config.smtpUrl);
  const secure = url.protocol === 'smtps:';
  const auth = credentials(url);
  return {
    name: 'smtp',
    host: hostOf(url),
    address: undefined,
    sourceAddress: undefined,
    port: url.port === '' ? defaultPort(secure, auth !== undefined) : Number(url.port),
    secure,
    tls: config.smtpTls ?? (secure || auth !== undefined ? 'required' : 'opportunistic'),
    auth,
    ca: config.smtpTlsCa,
    ehloName: config.smtpEhloName,
    maxConnections: config.smtpConnections,
    messagesPerConnection: config.smtpMessagesPerConnection,
    connectTimeoutMs: config.smtpConnectTimeoutMs,
    commandTimeoutMs: config.smtpCommandTimeoutMs,
    finalReplyTimeoutMs: config.smtpFinalReplyTimeoutMs,
    idleMs: IDLE_MS,
  };
}

/** Where a relay listens when nothing else is said. */
export function defaultPort(secure: boolean, authenticated: boolean): number {
  if (secure) return SUBMISSIONS_PORT;
  return authenticated ? SUBMISSION_PORT : RELAY_PORT;
}

function credentials(url: URL): SmtpSettings['auth'] {
  if (url.username === '' && url.password === '') return undefined;
  return { method: 'ANY', user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
}
