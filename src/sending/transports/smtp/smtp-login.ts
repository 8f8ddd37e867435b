import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import type { SmtpSettings } from './smtp-settings.js';

export type SmtpAuth = NonNullable<SmtpSettings['auth']>;

/** The credentials in the form in which nodemailer takes them. */
export function loginFor({ method, user, pass }: SmtpAuth): Parameters<SMTPConnection['login']>[0] {
  if (method === 'ANY') return { user, pass };
  if (method !== 'XOAUTH2') return { method, user, pass };
  return {
    method,
    user,
    oauth2: new XOAuth2({
      user,
      accessToken: pass,
      // Asked for after the relay's challenge (334) has told that this one is not taken: it is not tried again.
      provisionCallback: (_user, _renew, done) => done(new Error('the token is not taken')),
    }),
  };
}

/** Whether EHLO named the method; some relays write `AUTH=` for older clients. */
export function isOffered(method: SmtpAuth['method'], extensions: ReadonlyMap<string, string>): boolean {
  if (method === 'ANY') return true;
  for (const [keyword, parameters] of extensions) {
    const [name, ...methods] = `${keyword} ${parameters}`.toUpperCase().split(/[\s=]+/);
    if (name === 'AUTH' && methods.includes(method)) return true;
  }
  return false;
}
