import { encodeWords, looksEncoded } from './encode-words.js';

/** RFC 5322 section 2.1.1, without the line end: what a line should not and must not exceed. */
const GOOD_LINE = 78;
export const MAX_LINE = 998;
/** RFC 2047 section 2. */
export const ENCODED_LINE = 76;

export const PRINTABLE = /^[ -~]*$/;

/** The text on one line: a run of control characters, line ends first of all, becomes a blank. */
export function withoutControls(text: string): string {
  return PRINTABLE.test(text) ? text.trim() : text.replace(/\p{Cc}+/gu, ' ').trim();
}

/**
 * A header of free text, folded and in encoded words where necessary, with its line end. Whatever
 * the value is, the result is this one header.
 */
export function encodeHeader(name: string, value: string): string {
  const text = withoutControls(value);
  if (PRINTABLE.test(text) && !looksEncoded(text)) {
    const line = `${name}: ${text}`;
    if (line.length <= GOOD_LINE) return `${line}\r\n`;
    const folded = fold(line, name.length + 2);
    if (folded !== undefined) return `${folded}\r\n`;
  }
  return `${name}: ${encodeWords(text, ENCODED_LINE - name.length - 2).join('\r\n ')}\r\n`;
}

/**
 * The line broken before blanks, at 78 where the words allow it; undefined when a word is so long
 * that a line would pass the hard limit. No line is blank: a break needs text on both of its sides.
 */
function fold(line: string, textStart: number): string | undefined {
  let folded = '';
  let start = 0;
  let firstChar = textStart;
  while (line.length - start > GOOD_LINE) {
    let at = line.lastIndexOf(' ', start + GOOD_LINE);
    if (at <= firstChar) at = line.indexOf(' ', Math.max(firstChar, start + GOOD_LINE));
    if (at === -1) break;
    if (at - start > MAX_LINE) return undefined;
    folded += `${line.slice(start, at)}\r\n`;
    start = at;
    firstChar = at + 1;
    while (line.charCodeAt(firstChar) === 0x20) firstChar += 1;
  }
  return line.length - start > MAX_LINE ? undefined : folded + line.slice(start);
}
