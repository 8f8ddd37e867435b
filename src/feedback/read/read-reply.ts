import type { PassedOnReply } from './provider-news.js';

const FORM = /^(?:smtp;\s*)?([2-5]\d\d)[\s-]+(?:([245]\.\d{1,3}\.\d{1,3})\s+)?(.*)$/is;
const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3}$/;
const MAX_TEXT = 500;

/** A reply as one line, such as `smtp; 550 5.1.1 unknown user` (RFC 3464 section 2.3.6). */
export function readReply(line: string, enhanced?: string): PassedOnReply {
  const [, code, inLine, text = line] = FORM.exec(line) ?? [];
  return makeReply(code === undefined ? undefined : Number(code), enhanced ?? inLine, text);
}

/** What is no SMTP code or no enhanced code is left out: some providers count on beyond them. */
export function makeReply(code: number | undefined, enhanced: string | undefined, text: string): PassedOnReply {
  return {
    code: code !== undefined && Number.isInteger(code) && code >= 200 && code <= 599 ? code : undefined,
    enhanced: enhanced !== undefined && ENHANCED.test(enhanced) ? enhanced : undefined,
    // The cut can go through a pair of surrogates, and no column takes a half.
    text: text
      .replace(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, MAX_TEXT)
      .toWellFormed(),
  };
}
