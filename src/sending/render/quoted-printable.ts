import { codePointSize } from './encode-words.js';

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const EQUALS = 0x3d;

/** RFC 2045 section 6.7, rule 5: 76 with the "=" of a soft line break. */
const MAX_TEXT = 75;

const LITERAL = 0;
const BLANK = 1;
const ESCAPED = 2;
const LINE_END = 3;
const KIND = Uint8Array.from({ length: 256 }, (_, octet) => {
  if (octet === 0x20 || octet === 0x09) return BLANK;
  if (octet === CR || octet === LF) return LINE_END;
  return octet > 0x20 && octet < 0x7f && octet !== EQUALS ? LITERAL : ESCAPED;
});

// Most bodies fit: to allocate room for each takes as long as to encode 500 octets. Written and read
// in one go without a pause, so one will do for all.
const scratch = Buffer.allocUnsafeSlow(128 * 1024);

/**
 * Text whose line ends are all CRLF as quoted-printable. A blank at the end of a line is escaped,
 * because relays strip it, and a dot at the beginning, because relays have lost it; a code point is
 * not torn by a soft line break.
 */
export function encodeQuotedPrintable(octets: Buffer): string {
  const length = octets.length;
  // An octet becomes three at most, and a soft line break of three leaves 64 or more behind it.
  const room = Math.ceil(length * 3.15) + 16;
  const out = room <= scratch.length ? scratch : Buffer.allocUnsafeSlow(room);
  let column = 0;
  let at = 0;

  for (let i = 0; i < length; i += 1) {
    if (column > 0) {
      const run = copyLiterals(octets, i, out, at, MAX_TEXT - column);
      i += run;
      at += run;
      column += run;
      if (i === length) break;
    }
    const octet = octets[i] ?? 0;
    if (KIND[octet] === LINE_END) {
      out[at++] = octet;
      column = 0;
      continue;
    }
    const literal = isLiteral(octets, i);
    if (column + widthOf(octet, literal) > MAX_TEXT) {
      out[at++] = EQUALS;
      out[at++] = CR;
      out[at++] = LF;
      column = 0;
    }
    if (literal && (octet !== DOT || column > 0)) {
      out[at++] = octet;
      column += 1;
    } else {
      out[at++] = EQUALS;
      out[at++] = hexDigit(octet >> 4);
      out[at++] = hexDigit(octet & 15);
      column += 3;
    }
  }
  return out.toString('latin1', 0, at);
}

/** Copies what stands for itself, and tells how much; a loop of its own is nearly twice as fast. */
function copyLiterals(octets: Buffer, from: number, out: Buffer, at: number, room: number): number {
  const end = Math.min(octets.length, from + room);
  let i = from;
  for (let to = at; i < end && isLiteral(octets, i); i += 1) out[to++] = octets[i] ?? 0;
  return i - from;
}

/** A blank at the end of the line or of the text does not stand for itself. */
function isLiteral(octets: Buffer, i: number): boolean {
  const kind = KIND[octets[i] ?? 0];
  return kind === LITERAL || (kind === BLANK && i + 1 < octets.length && octets[i + 1] !== CR);
}

/** The first octet of a code point makes room for all of it. */
function widthOf(octet: number, literal: boolean): number {
  if (literal) return 1;
  return octet < 0xc0 ? 3 : 3 * codePointSize(octet);
}

/** Upper case, as RFC 2045 wants it. */
function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x37 + value;
}
