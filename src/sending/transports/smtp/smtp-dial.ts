import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls';
import type { SmtpSettings } from './smtp-settings.js';
import type { HandOverStage } from '../transport.js';

/** Why there is no connection: certainly nothing was sent. */
export interface DialFault {
  readonly stage: HandOverStage;
  readonly note: string;
}

/**
 * One context for all connections of a relay: making it anew for each costs 20 to 25 % of a new
 * TLS connection. Without a private authority Node's own list of authorities is used.
 */
export function secureContextFor(settings: Pick<SmtpSettings, 'ca'>): SecureContext {
  return createSecureContext({ minVersion: 'TLSv1.2', ...(settings.ca === undefined ? {} : { ca: settings.ca }) });
}

/**
 * Opportunistic TLS encrypts without asking who the other side is (RFC 7435): the alternative is
 * clear text. As soon as a password is involved, or an authority was named, the name is checked.
 */
export function tlsOptionsFor(settings: SmtpSettings, secureContext: SecureContext): ConnectionOptions {
  const verify = settings.tls !== 'opportunistic' || settings.auth !== undefined || settings.ca !== undefined;
  return {
    secureContext,
    rejectUnauthorized: verify,
    ...(isIP(settings.host) === 0 ? { servername: settings.host } : {}),
  };
}

/**
 * Opens the socket ourselves, so that connecting and the TLS handshake are told apart and both
 * end by the deadline. Node tries the addresses of a name in turn (RFC 8305).
 */
export function dial(settings: SmtpSettings, tls: ConnectionOptions, deadline: number): Promise<Socket | DialFault> {
  return new Promise((resolve) => {
    const attemptMs = Math.max(250, Math.floor(settings.connectTimeoutMs / 4));
    const target = {
      host: settings.address ?? settings.host,
      port: settings.port,
      autoSelectFamilyAttemptTimeout: attemptMs,
      ...from(settings.sourceAddress),
    };
    let stage: HandOverStage = 'CONNECT';
    const socket = settings.secure ? connectTls({ ...tls, ...target }) : connectPlain(target);
    const fail = (note: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ stage, note });
    };
    const timer = setTimeout(() => fail('timed out'), Math.max(0, deadline - Date.now()));
    const onError = (error: NodeJS.ErrnoException): void => fail(faultCode(error));
    const onClose = (): void => fail('closed by the relay');
    socket.on('error', onError);
    socket.on('close', onClose);
    if (settings.secure) socket.once('connect', () => (stage = 'TLS'));
    socket.once(settings.secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('close', onClose);
      resolve(socket);
      // nodemailer listens from here on; a listener stays so that a late error never goes unheard.
    });
  });
}

/** From one of our addresses only addresses of its family can be reached. */
function from(sourceAddress: string | undefined): { localAddress?: string; family?: number } {
  return sourceAddress === undefined ? {} : { localAddress: sourceAddress, family: isIP(sourceAddress) };
}

/** The code of a system or TLS error; never its message, which may quote what the relay said. */
export function faultCode(error: NodeJS.ErrnoException & { originalCode?: unknown }): string {
  if (typeof error.originalCode === 'string') return error.originalCode;
  return error.code ?? 'connection failed';
}
