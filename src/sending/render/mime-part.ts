import { base64LinesLength, writeBase64Lines } from './base64-lines.js';

export interface Leaf {
  /** Content-… lines, each with its line end. */
  readonly headers: string;
  /** What goes on the wire, or octets to be written as base64 lines. */
  readonly content: string | Buffer;
  /** The content is the sender's text as it is, so a boundary could occur in it. */
  readonly verbatim: boolean;
}

export interface Multipart {
  readonly subtype: 'mixed' | 'alternative' | 'related';
  /** Further parameters, as `;\r\n name="value"`. */
  readonly parameters: string;
  readonly parts: readonly MimePart[];
}

export type MimePart = Leaf | Multipart;

type Piece = string | Buffer;

/** The message: its headers, of which only these may be other than ASCII, and its body. */
export function assemble(headers: string, root: MimePart, seed: string): Buffer {
  const pieces: Piece[] = [];
  flatten(root, boundaries(root, seed), pieces);

  let length = Buffer.byteLength(headers, 'utf8');
  for (const piece of pieces) length += typeof piece === 'string' ? piece.length : base64LinesLength(piece.length);
  const raw = Buffer.allocUnsafe(length);
  let at = raw.write(headers, 0, 'utf8');
  for (const piece of pieces) {
    at = typeof piece === 'string' ? at + raw.write(piece, at, 'latin1') : writeBase64Lines(piece, raw, at);
  }
  return raw;
}

function flatten(root: MimePart, nextBoundary: () => string, pieces: Piece[]): void {
  let text = '';
  const put = (content: string | Buffer): void => {
    if (typeof content === 'string') {
      text += content;
      return;
    }
    pieces.push(text, content);
    text = '';
  };
  const walk = (part: MimePart): void => {
    if (!('parts' in part)) {
      put(`${part.headers}\r\n`);
      put(part.content);
      return;
    }
    const boundary = nextBoundary();
    put(`Content-Type: multipart/${part.subtype}${part.parameters};\r\n boundary="${boundary}"\r\n`);
    for (const child of part.parts) {
      put(`\r\n--${boundary}\r\n`);
      walk(child);
    }
    put(`\r\n--${boundary}--`);
  };
  walk(root);
  // The line end in front of a boundary belongs to the boundary; here it ends the message.
  if (!text.endsWith('\r\n')) text += '\r\n';
  pieces.push(text);
}

/**
 * Boundaries `=_1_…`, `=_2_…` made of the message's own id: a retry sends the same octets. "=_" is
 * never part of quoted-printable or base64; text sent as it is is searched for the rest, and a salt
 * put in front should it be there. Of equal length, none is the beginning of another.
 */
function boundaries(root: MimePart, seed: string): () => string {
  const texts: string[] = [];
  collectVerbatim(root, texts);
  // At most 70 characters in all, and none that a reader could take for something else (RFC 2046 section 5.1.1).
  const id = seed.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 50);
  let token = id;
  for (let salt = 1; texts.some((text) => text.includes(token)); salt += 1) token = `${salt}_${id}`;
  let level = 0;
  return () => `=_${(level += 1)}_${token}`;
}

function collectVerbatim(part: MimePart, texts: string[]): void {
  if ('parts' in part) for (const child of part.parts) collectVerbatim(child, texts);
  else if (part.verbatim && typeof part.content === 'string') texts.push(part.content);
}
