import { hash } from 'node:crypto';
import { bodyHash } from './body-hash.js';
import { type HeaderField, headerField, headerFields } from './header-fields.js';
import { type SignedHeaders, signedHeaders } from './signed-headers.js';

/** RFC 8301 forbids SHA-1; RFC 8463 adds Ed25519. */
export type DkimAlgorithm = 'RSA' | 'ED25519';

/** Whose signature it is and when it is made. */
export interface DkimIdentity {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly signedAt: Date;
}

/** What all signatures of one message have in common. */
export interface DigestedMessage {
  readonly headers: SignedHeaders;
  readonly bodyHash: string;
}

/** A signature that lacks only its value. */
export interface UnsignedSignature {
  /** The header up to and including `b=`. */
  readonly header: string;
  /** The octets the key signs. */
  readonly data: Buffer;
}

const ALGORITHM_TAG = { RSA: 'rsa-sha256', ED25519: 'ed25519-sha256' } as const;
/** RFC 5322 section 2.1.1; a folded line begins with a space. */
const GOOD_LINE = 78;

export function digestMessage(raw: Buffer): DigestedMessage {
  const { fields, bodyStart } = headerFields(raw);
  return { headers: signedHeaders(fields), bodyHash: bodyHash(raw, bodyStart) };
}

/** The DKIM-Signature header of RFC 6376 section 3.5, relaxed/relaxed, for an external key to complete. */
export function unsignedSignature(message: DigestedMessage, identity: DkimIdentity): UnsignedSignature {
  const { domain, selector, algorithm, signedAt } = identity;
  const header = [
    `DKIM-Signature: v=1; a=${ALGORITHM_TAG[algorithm]}; c=relaxed/relaxed;`,
    ` d=${domain};`,
    ` s=${selector}; t=${Math.floor(signedAt.getTime() / 1000)};`,
    ...foldedNames(message.headers.names),
    ` bh=${message.bodyHash};`,
    ' b=',
  ].join('\r\n');
  return { header, data: dataToSign(message.headers.fields, header, algorithm) };
}

/** The finished header with its line end. */
export function completeSignature({ header }: UnsignedSignature, value: Buffer): string {
  const lines = value.toString('base64').match(/.{1,74}/g) ?? [];
  return `${header}${lines.join('\r\n ')}\r\n`;
}

/** Ed25519 signs the hash that RSA makes by itself (RFC 8463 section 3). */
function dataToSign(fields: readonly HeaderField[], header: string, algorithm: DkimAlgorithm): Buffer {
  const text = [...fields, headerField(header)].map(({ relaxed }) => relaxed).join('\r\n');
  const data = Buffer.from(text, 'latin1');
  return algorithm === 'ED25519' ? hash('sha256', data, 'buffer') : data;
}

/** White space may stand around the colons of h=. */
function foldedNames(names: readonly string[]): string[] {
  const lines: string[] = [];
  let line = ' h=';
  names.forEach((name, i) => {
    const piece = i === names.length - 1 ? `${name};` : `${name}:`;
    if (line.length + piece.length > GOOD_LINE) {
      lines.push(line);
      line = ' ';
    }
    line += piece;
  });
  return [...lines, line];
}
