import { withoutControls } from './encode-header.js';
import { codePointSize } from './encode-words.js';

const MAX_SEGMENT = 75;

// Quotes and backslashes are left out: readers disagree about quoted pairs in file names.
const PLAIN = /^[ !#-[\]-~]*$/;

// RFC 2231 section 7, attribute-char.
const EXTENDED: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const char = String.fromCharCode(octet);
  return /[A-Za-z0-9!#$&+\-.^_`{|}~]/.test(char) ? char : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
});

/**
 * A parameter of a MIME header as further lines of it, `;\r\n name="value"`; RFC 2231 where the
 * value is not plain ASCII or too long for a line. No parameter for an empty value.
 */
export function encodeParameter(name: string, value: string): string {
  const text = withoutControls(value);
  if (text === '') return '';
  if (PLAIN.test(text) && !text.includes('=?') && text.length + name.length + 4 <= MAX_SEGMENT)
    return `;\r\n ${name}="${text}"`;
  return extendedSegments(name, Buffer.from(text, 'utf8'))
    .map((segment) => `;\r\n ${segment}`)
    .join('');
}

/**
 * The same for readers that know nothing of RFC 2231: ASCII only and on one line, accents taken
 * off, everything else an underscore, the extension kept.
 */
export function encodePlainParameter(name: string, value: string): string {
  const text = withoutControls(value)
    .normalize('NFKD')
    .replace(/\p{Mn}+/gu, '')
    .replace(/[^ !#-[\]-~]|=(?=\?)/gu, '_');
  const room = MAX_SEGMENT - name.length - 4;
  if (text === '') return '';
  if (text.length <= room) return `;\r\n ${name}="${text}"`;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(text)?.[0] ?? '';
  return `;\r\n ${name}="${text.slice(0, room - extension.length)}${extension}"`;
}

function extendedSegments(name: string, octets: Buffer): string[] {
  const segments: string[] = [];
  let segment = `utf-8''`;
  for (let i = 0; i < octets.length;) {
    const size = codePointSize(octets[i] ?? 0);
    let char = '';
    for (const end = i + size; i < end; i += 1) char += EXTENDED[octets[i] ?? 0] ?? '';
    // `name*12*=` before the text and a semicolon behind it.
    if (segment.length + char.length + name.length + String(segments.length).length + 4 > MAX_SEGMENT) {
      segments.push(segment);
      segment = '';
    }
    segment += char;
  }
  if (segments.length === 0) return [`${name}*=${segment}`];
  return [...segments, segment].map((text, i) => `${name}*${i}*=${text}`);
}
