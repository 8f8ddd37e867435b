/** RFC 2047 section 2: no encoded word is longer, and no line with one is longer than 76. */
const MAX_WORD = 75;
const B_FRAME = '=?utf-8?B?';
const Q_FRAME = '=?utf-8?Q?';
const FRAME_LENGTH = B_FRAME.length + '?='.length;
// The widest code point, four octets of Q, has to fit into one word.
const MIN_WORD = FRAME_LENGTH + 12;

// What may stand for itself in a Q word wherever the word stands, display names included
// (RFC 2047 section 5, rule 3).
const Q_TEXT: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const char = String.fromCharCode(octet);
  if (char === ' ') return '_';
  return /[A-Za-z0-9!*+/-]/.test(char) ? char : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** The text would be decoded by a reader although it is meant literally, so it has to be encoded. */
export function looksEncoded(text: string): boolean {
  return text.includes('=?') && /=\?[^?]*\?[bq]\?/i.test(text);
}

/**
 * The text as RFC 2047 encoded words, in Q or B, whichever is shorter; each on its own decodes to
 * whole code points. The first has at most `room` characters, so that it fits behind a header's
 * name; when there is no sensible room the first word is empty, which asks for a fold.
 */
export function encodeWords(text: string, room: number = MAX_WORD): string[] {
  const octets = Buffer.from(text, 'utf8');
  let qLength = 0;
  for (const octet of octets) qLength += (Q_TEXT[octet] ?? '').length;
  const inB = Math.ceil(octets.length / 3) * 4 < qLength;

  const words: string[] = [];
  let limit = Math.min(room, MAX_WORD);
  if (limit < MIN_WORD) {
    words.push('');
    limit = MAX_WORD;
  }
  for (let start = 0; start < octets.length; limit = MAX_WORD) {
    const end = inB ? endOfB(octets, start, limit) : endOfQ(octets, start, limit);
    words.push(
      inB ? `${B_FRAME}${octets.toString('base64', start, end)}?=` : `${Q_FRAME}${qText(octets, start, end)}?=`,
    );
    start = end;
  }
  return words;
}

function endOfB(octets: Buffer, start: number, limit: number): number {
  let end = start + Math.floor((limit - FRAME_LENGTH) / 4) * 3;
  if (end >= octets.length) return octets.length;
  // Back to the first octet of a code point; the others are 10xxxxxx.
  while (((octets[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}

function endOfQ(octets: Buffer, start: number, limit: number): number {
  let end = start;
  for (let left = limit - FRAME_LENGTH; end < octets.length;) {
    const size = codePointSize(octets[end] ?? 0);
    left -= size === 1 ? (Q_TEXT[octets[end] ?? 0] ?? '').length : 3 * size;
    if (left < 0) break;
    end += size;
  }
  return end;
}

/** Octets of the UTF-8 code point that starts with this one. */
export function codePointSize(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function qText(octets: Buffer, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i += 1) text += Q_TEXT[octets[i] ?? 0] ?? '';
  return text;
}
