import { z } from 'zod';
import {
  defaultPort,
  IDLE_MS,
  SUBMISSIONS_PORT,
  type SmtpAuth,
  type SmtpSettings,
} from '../transports/smtp/smtp-settings.js';
import { certificates, greetingName, hostName, ipAddress, line, wholeNumber } from './settings-forms.js';

/** A relay, with every default filled in. */
export type SmtpProviderSettings = Omit<SmtpSettings, 'name' | 'maxConnections'>;

const auth = z
  .strictObject({
    method: z.enum(['PLAIN', 'LOGIN', 'XOAUTH2']).optional(),
    user: line(320),
    password: line(4096).optional(),
    accessToken: line(16_384).optional(),
  })
  .superRefine(({ method, ...given }, context) => {
    const needed = method === 'XOAUTH2' ? 'accessToken' : 'password';
    const other = needed === 'password' ? 'accessToken' : 'password';
    const complain = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (given[needed] === undefined) complain(needed, 'must be given.');
    if (given[other] !== undefined) complain(other, 'does not belong to the method.');
  })
  .transform(({ method, user, password, accessToken }): SmtpAuth => ({
    method: method ?? 'ANY',
    user,
    pass: password ?? accessToken ?? '',
  }));

const form = z.strictObject({
  host: hostName,
  port: wholeNumber(1, 65_535).optional(),
  implicitTls: z.boolean().optional(),
  tls: z.enum(['required', 'opportunistic', 'off']).optional(),
  ca: certificates.optional(),
  ehloName: greetingName.optional(),
  auth: auth.optional(),
  sourceAddress: ipAddress.optional(),
  messagesPerConnection: wholeNumber(1, 100_000).default(100),
  connectTimeoutMs: wholeNumber(100, 300_000).default(10_000),
  commandTimeoutMs: wholeNumber(100, 600_000).default(30_000),
  finalReplyTimeoutMs: wholeNumber(100, 900_000).default(120_000),
});

export const smtpProviderSettings = form
  .superRefine(({ tls, auth: credentials, implicitTls }, context) => {
    if (tls !== 'off') return;
    if (credentials !== undefined) {
      context.addIssue({ code: 'custom', path: ['tls'], message: 'must not be off: the password would go in clear.' });
    }
    if (implicitTls === true) {
      context.addIssue({ code: 'custom', path: ['tls'], message: 'must not be off together with implicitTls.' });
    }
  })
  .transform(({ port, implicitTls, ...given }): SmtpProviderSettings => {
    const secure = implicitTls ?? (port === SUBMISSIONS_PORT && given.tls !== 'off');
    return {
      host: given.host,
      address: undefined,
      port: port ?? defaultPort(secure, given.auth !== undefined),
      secure,
      tls: given.tls ?? (secure || given.auth !== undefined ? 'required' : 'opportunistic'),
      auth: given.auth,
      ca: given.ca,
      ehloName: given.ehloName,
      sourceAddress: given.sourceAddress,
      messagesPerConnection: given.messagesPerConnection,
      connectTimeoutMs: given.connectTimeoutMs,
      commandTimeoutMs: given.commandTimeoutMs,
      finalReplyTimeoutMs: given.finalReplyTimeoutMs,
      idleMs: IDLE_MS,
    };
  });
