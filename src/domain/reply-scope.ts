import type { Reply } from './smtp-reply-class.js';

/** One way to tell whom a reply is about; every condition that is given has to hold. */
interface ScopeRule {
  readonly codes?: RegExp;
  /** Subject and detail of the enhanced code (RFC 3463), without its class. */
  readonly enhanced?: RegExp;
  readonly text?: RegExp;
  /** SITE: us as its sender, so that others' mail there is in the same position. */
  readonly scope: 'SITE' | undefined;
}

/**
 * The first rule that fits decides. What is about one recipient stands first: a mailbox that is full
 * or receives too much says nothing about the next one at the same host, and slowing the host for it
 * would let one recipient hold up all others.
 */
const SCOPE_RULES: readonly ScopeRule[] = [
  { text: /gr[ea]y-?list/i, scope: undefined },
  {
    text: /receiving (?:mail|messages) (?:at a rate|too quickly)|(?:mailbox|inbox|account|user)\b.{0,30}\b(?:full|quota|busy|locked)|over ?-?quota/i,
    scope: undefined,
  },
  { enhanced: /^[12]\./, scope: undefined },

  {
    text: /too many (?:concurrent |simultaneous )?(?:connections|sessions|messages|mails|emails)|maximum number of (?:concurrent )?connections|rate[ -]?limit|throttl|unusual rate|(?:messages|mail) from \S+ (?:temporarily deferred|will be permanently deferred|weren.t sent)|try again later from|(?:block|black|deny)[ -]?list|\bblocked using\b|\breputation\b|\[tss?\d+\]|user complaints/i,
    scope: 'SITE',
  },
  // "Service not available, closing transmission channel": whatever the mail was.
  { codes: /^421$/, scope: 'SITE' },
  // The host is full, takes nothing for now, or is congested.
  { codes: /^4/, enhanced: /^3\.[12]$/, scope: 'SITE' },
  { codes: /^4/, enhanced: /^4\.5$/, scope: 'SITE' },
  // Security and policy put off, not refused: about who we are. A 5.7.x is as often about one mail.
  { codes: /^4/, enhanced: /^7\./, scope: 'SITE' },
];

/**
 * Whom a 4xx or 5xx reply is about, for any host whose texts we do not know better: SITE when it is
 * us as the sender, and less is to be sent there; undefined when it is this one recipient or mail.
 */
export function scopeOfReply(reply: Reply): 'SITE' | undefined {
  const code = String(reply.code);
  const detail = reply.enhanced?.slice(2);
  return SCOPE_RULES.find(
    (rule) =>
      (rule.codes === undefined || rule.codes.test(code)) &&
      (rule.enhanced === undefined || (detail !== undefined && rule.enhanced.test(detail))) &&
      (rule.text === undefined || rule.text.test(reply.text)),
  )?.scope;
}
