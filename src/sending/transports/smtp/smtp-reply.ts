import type { SmtpReply } from '../transport.js';

const MAX_TEXT = 500;

/** RFC 3463: class, subject and detail; a code elsewhere in the text is not one. */
const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)/;

/** The code of a reply, where its words do not matter; undefined when it is none. */
export function replyCode(raw: string): number | undefined {
  const line = raw.slice(raw.lastIndexOf('\n') + 1);
  return /^[2-5]\d\d(?:[ -]|$)/.test(line) ? Number(line.slice(0, 3)) : undefined;
}

/** A reply as its lines were read, or undefined when it is none (RFC 5321 section 4.2). */
export function parseReply(raw: string): SmtpReply | undefined {
  const lines = raw.split(/\r?\n/).filter((line) => line.trim() !== '');
  const code = /^([2-5]\d\d)(?:[ -]|$)/.exec(lines.at(-1) ?? '')?.[1];
  if (code === undefined) return undefined;
  let enhanced: string | undefined;
  const texts: string[] = [];
  let length = 0;
  for (const line of lines) {
    const text = line.replace(/^\d{3}(?:[ -]|$)/, '').trimStart();
    const match = ENHANCED.exec(text);
    enhanced ??= match?.[1];
    texts.push(match === null ? text : text.slice(match[0].length));
    length += text.length;
    if (length > 4 * MAX_TEXT) break;
  }
  return { code: Number(code), enhanced, text: plainText(texts.join(' ')) };
}

/** Control characters become blanks; what is left is cut without tearing a surrogate pair. */
function plainText(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\u2028\u2029\s]+/gu, ' ').trim();
  return clean
    .slice(0, MAX_TEXT)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed();
}
