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
const LINE_END = 4;
const KIND = Uint8Array.from({ length: 256 }, (_, octet) => {
  if (octet === 0x20 || octet === 0x09) return BLANK;
  if (octet === CR || octet === LF) return LINE_END;
  return octet > 0x20 && octet < 0x7f && octet !== EQUALS ? LITERAL : ESCAPED;
});

/** The number of octets that cannot stand for themselves. */
export function countEscapes(octets: Buffer): number {
  let doubled = 0;
  for (let i = 0; i < octets.length; i += 1) doubled += (KIND[octets[i] ?? 0] ?? 0) & ESCAPED;
  return doubled / 2;
}

/**
 * Text whose line ends are all CRLF as quoted-printable; `escapes` is its `countEscapes`. A blank at
 * the end of a line is escaped, because relays strip it, and a dot at the beginning, because relays
 * have lost it; a code point is not torn by a soft line break.
 */
export function encodeQuotedPrintable(octets: Buffer, escapes: number): string {
  const length = octets.length;
  // An escape costs two more; so does a dot or blank at an edge, but of those there is a line end to
  // each two at least. A soft line break costs three and leaves 64 or more behind it: 5 %.
  const out = Buffer.allocUnsafe(Math.ceil((length + escapes) * 2.1) + 16);
  let column = 0;
  let at = 0;

  for (let i = 0; i < length; i += 1) {
    const octet = octets[i] ?? 0;
    const kind = KIND[octet];
    if (kind === LITERAL && column > 0 && column < MAX_TEXT) {
      out[at++] = octet;
      column += 1;
      continue;
    }
    if (octet === CR) {
      out[at++] = CR;
      out[at++] = LF;
      column = 0;
      i += 1;
      continue;
    }
    const escaped = kind === ESCAPED || (kind === BLANK && (i + 1 === length || octets[i + 1] === CR));
    if (column + widthOf(octet, escaped) > MAX_TEXT) {
      out[at++] = EQUALS;
      out[at++] = CR;
      out[at++] = LF;
      column = 0;
    }
    if (escaped || (octet === DOT && column === 0)) {
      out[at++] = EQUALS;
      out[at++] = hexDigit(octet >> 4);
      out[at++] = hexDigit(octet & 15);
      column += 3;
    } else {
      out[at++] = octet;
      column += 1;
    }
  }
  return out.toString('latin1', 0, at);
}

/** The first octet of a code point makes room for all of it. */
function widthOf(octet: number, escaped: boolean): number {
  if (!escaped) return 1;
  return octet < 0xc0 ? 3 : 3 * codePointSize(octet);
}

/** Upper case, as RFC 2045 wants it. */
function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x37 + value;
}
