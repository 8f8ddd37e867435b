import type { WriteStep } from './smtp-transaction.js';
import type { Envelope } from '../transport.js';

/** RFC 5321 section 4.5.3.1: 64 for the local part, 255 for the domain, and the @. */
const MAX_ADDRESS_BYTES = 320;

/** ENVID is at most 100 characters (RFC 3461 section 4.4). */
const MAX_ENVID = 100;

/** Printable ASCII without the brackets. */
const PLAIN = /^[!-;=?-~]*$/;

/** Addresses were parsed at the edge; whatever could end or split a command is refused all the same. */
export function isFitForWire({ from, to }: Envelope): boolean {
  return to !== '' && isWireSafe(to) && isWireSafe(from);
}

function isWireSafe(address: string): boolean {
  if (PLAIN.test(address)) return address.length <= MAX_ADDRESS_BYTES;
  return !/[\s\p{Cc}\p{Cs}\p{Z}<>]/u.test(address) && Buffer.byteLength(address) <= MAX_ADDRESS_BYTES;
}

/**
 * Everything that is written for a message but its body, with the parameters the relay offers; `opening`
 * is what follows MAIL and RCPT where they leave together. The addresses are written as they are, between brackets
 * they cannot leave: one envelope string has been turned into two recipients by address parsers before.
 */
export function transactionCommands(
  envelope: Envelope,
  size: number,
  extensions: ReadonlyMap<string, string>,
  opening = 'DATA\r\n',
): Record<WriteStep, string> {
  if (!isFitForWire(envelope)) throw new Error('the envelope is not fit for the wire');
  const mail = mailCommand(envelope, size, extensions);
  const rcpt = `RCPT TO:<${envelope.to}>\r\n`;
  return {
    RSET: 'RSET\r\n',
    ENVELOPE: extensions.has('PIPELINING') ? `${mail}${rcpt}${opening}` : mail,
    RCPT: rcpt,
    DATA: 'DATA\r\n',
    LONE_DOT: '.\r\n',
  };
}

function mailCommand(envelope: Envelope, size: number, extensions: ReadonlyMap<string, string>): string {
  const smtpUtf8 = needsUtf8(envelope);
  let mail = `MAIL FROM:<${envelope.from}>`;
  if (smtpUtf8 && extensions.has('8BITMIME')) mail += ' BODY=8BITMIME';
  if (size > 0 && extensions.has('SIZE')) mail += ` SIZE=${size}`;
  if (extensions.has('DSN')) mail += envidParameter(envelope.envid);
  // A header may need it although no address of the envelope does (RFC 6531 section 3.4).
  if (smtpUtf8) mail += ' SMTPUTF8';
  return `${mail}\r\n`;
}

export function needsUtf8({ smtpUtf8, from, to }: Envelope): boolean {
  return smtpUtf8 || !isAscii(from) || !isAscii(to);
}

function envidParameter(envid: string): string {
  const encoded = xtext(envid);
  return encoded === '' || encoded.length > MAX_ENVID ? '' : ` ENVID=${encoded}`;
}

/** RFC 3461 section 4. */
function xtext(text: string): string {
  if (/^[!-*,-<>-~]*$/.test(text)) return text;
  return Array.from(text)
    .map((char) => (/[!-*,-<>-~]/.test(char) ? char : hexadecimal(char)))
    .join('');
}

function hexadecimal(char: string): string {
  return Buffer.from(char).reduce((text, byte) => `${text}+${byte.toString(16).toUpperCase().padStart(2, '0')}`, '');
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
