import type { ReasonClass } from './bounce-class.js';
import { BOUNCE_RULES } from './bounce-rules.js';

export interface Reply {
  readonly code: number;
  readonly enhanced: string | undefined;
  readonly text: string;
}

interface ReplyClass {
  readonly reason: ReasonClass;
  /** Trying again is of no use. */
  readonly permanent: boolean;
}

/** Replies are kept to 500 characters; the rules need not be tried on more. */
const MAX_TEXT = 500;

// An address that the host repeats says nothing about the reason, whatever words it is made of.
const ADDRESS = /[^\s<>]+@[^\s<>]+/g;

/** What a 4xx or 5xx reply means. A 4xx is never permanent (RFC 5321 section 4.2.1). */
export function classifyReply(reply: Reply): ReplyClass {
  const rule = ruleFor(reply);
  const refused = reply.code >= 500;
  return { reason: rule?.reason ?? 'OTHER', permanent: refused && (rule?.permanent ?? true) };
}

/** The rule that decides on a reply. */
export function ruleFor(reply: Reply): (typeof BOUNCE_RULES)[number] | undefined {
  const text = reply.text.slice(0, MAX_TEXT).replace(ADDRESS, ' ');
  const detail = reply.enhanced?.slice(2);
  return BOUNCE_RULES.find(
    (rule) =>
      (rule.codes === undefined || rule.codes.includes(reply.code)) &&
      (rule.enhanced === undefined || (detail !== undefined && rule.enhanced.test(detail))) &&
      (rule.text === undefined || rule.text.test(text)),
  );
}
