import type { ReasonClass } from './bounce-class.js';

/** One way to tell the reason from a reply; every condition that is given has to hold. */
interface BounceRule {
  /** Unique, for the tests: each rule has a reply there that no rule before it takes. */
  readonly id: string;
  readonly codes?: readonly number[];
  /** Subject and detail of the enhanced code (RFC 3463), without its class: "1.1" of 5.1.1. */
  readonly enhanced?: RegExp;
  /** Tried on the text without its addresses. */
  readonly text?: RegExp;
  readonly reason: ReasonClass;
  /** Where the code's class is not the last word: a reply that asks to come back does so with 5xx too. */
  readonly permanent?: boolean;
}

/**
 * The first rule that fits decides. Texts come first: hosts choose them with more care than codes
 * (5.7.1 alone is used for eight of the classes). What is the sender's fault stands above what is
 * the recipient's, as "sender address rejected: domain not found" is no news about the recipient.
 *
 * Our own credentials, EHLO name or lack of TLS are mended by an operator: such mail is kept and
 * tried again rather than bounced.
 */
export const BOUNCE_RULES: readonly BounceRule[] = [
  // Before the next, as "DMARC authentication failed" is not about our password.
  {
    id: 'text: authentication',
    text: /\b(?:spf|dkim|dmarc)\b|unauthenticated|authentication (?:checks?|level|requirements?)|reverse (?:dns|hostname|lookup)|\b(?:rdns|ptr)\b/i,
    reason: 'AUTHENTICATION',
  },

  // Between us and the provider.
  {
    id: 'text: starttls',
    text: /\bstarttls\b|\btls (?:is )?(?:required|not available)|must be encrypted/i,
    reason: 'TLS',
    permanent: false,
  },
  {
    id: 'text: credentials',
    text: /authentication (?:is )?(?:required|failed|failure|credentials|unsuccessful)|(?:username|password|credentials)\b.{0,20}\b(?:not accepted|invalid)|invalid (?:login|credentials)/i,
    reason: 'PROVIDER_CONFIGURATION',
    permanent: false,
  },
  { id: 'code: credentials', codes: [530, 534, 535, 538], reason: 'PROVIDER_CONFIGURATION', permanent: false },
  { id: 'enhanced: credentials', enhanced: /^7\.(?:8|9|11|12)$/, reason: 'PROVIDER_CONFIGURATION', permanent: false },
  {
    id: 'text: relaying',
    text: /relay(?:ing)?\b.{0,20}\b(?:denied|not (?:allowed|permitted)|prohibited)|(?:unable|not (?:allowed|permitted)) to relay/i,
    reason: 'PROVIDER_CONFIGURATION',
    permanent: false,
  },
  { id: 'text: helo', text: /\b(?:helo|ehlo)\b/i, reason: 'PROVIDER_CONFIGURATION', permanent: false },
  {
    id: 'text: sending account',
    text: /\byour account\b|\bsending (?:is |has been )?(?:paused|disabled|suspended)/i,
    reason: 'PROVIDER_CONFIGURATION',
    permanent: false,
  },

  // The receiving side about the sender.
  { id: 'text: greylisting', text: /gr[ea]y-?list/i, reason: 'GREYLISTED', permanent: false },
  {
    id: 'text: sender refused',
    text: /sender (?:address|domain|not)\b.{0,10}\b(?:rejected|refused|verified|allowed)|not (?:allowed|authori[sz]ed|permitted) to send (?:as|from)|not owned by|\bsendasdenied\b|address(?:es)? (?:is|are) not verified/i,
    reason: 'PROVIDER_CONFIGURATION',
  },
  { id: 'text: bad links', text: /\b(?:surbl|uribl|dbl)\b|\burls?\b.{0,40}\bblock/i, reason: 'CONTENT' },
  {
    id: 'text: block list',
    text: /(?:block|black|deny)[ -]?list|\b(?:dns|r)bl\b|spamhaus|spamcop|barracuda|\breputation\b|banned sending ip|\[tss\d+\]|user complaints/i,
    reason: 'REPUTATION',
  },
  {
    id: 'text: rate',
    text: /\brate[ -]?limit|throttl|unusual rate|at a rate|too many (?:messages|mails|emails|connections|recipients|requests|concurrent)|sending (?:rate|quota|limit)|(?:messages?|mails?|emails?) (?:per|quota)/i,
    reason: 'RATE_LIMITED',
    permanent: false,
  },
  {
    id: 'text: spam',
    text: /\b(?:spam|virus|malware|phishing|unsolicited|junk)\b|content (?:is |was )?(?:rejected|blocked|denied)/i,
    reason: 'CONTENT',
  },

  // The receiving side about the message and the recipient.
  {
    id: 'text: size',
    text: /(?:message|size|mail|header)\b.{0,20}\b(?:too (?:large|big|long)|exceeds)/i,
    reason: 'TOO_LARGE',
  },
  {
    id: 'text: mailbox full',
    text: /over ?-?quota|quota (?:is )?exceeded|exceed.{0,20}quota|(?:mailbox|inbox|account)\b.{0,20}\bfull|out of storage/i,
    reason: 'MAILBOX_FULL',
  },
  {
    id: 'text: no such domain',
    text: /\b(?:domain|host)\b.{0,80}\b(?:not found|does not exist|doesn't exist|unknown|accepts? no mail|does not accept mail)|unknown (?:domain|host)|unrouteable|null ?mx|nxdomain/i,
    reason: 'BAD_DOMAIN',
  },
  {
    id: 'text: no such mailbox',
    text: /(?:unknown|no such|invalid|inactive|disabled) (?:user|mailbox|recipient|address|account)|\b(?:user|mailbox|recipient|address|account|inbox)\b.{0,40}\b(?:unknown|not found|does not exist|doesn't exist|disabled|inactive|not active|no longer|has moved)|no mailbox here|recipient address rejected: access denied/i,
    reason: 'BAD_MAILBOX',
  },

  // RFC 3463 and the IANA registry of enhanced codes.
  { id: 'enhanced: mailbox', enhanced: /^(?:1\.[01346]|2\.1)$/, reason: 'BAD_MAILBOX' },
  { id: 'enhanced: domain', enhanced: /^1\.(?:2|10)$/, reason: 'BAD_DOMAIN' },
  { id: 'enhanced: sender', enhanced: /^1\.[789]$/, reason: 'PROVIDER_CONFIGURATION' },
  { id: 'enhanced: mailbox full', enhanced: /^2\.2$/, reason: 'MAILBOX_FULL' },
  { id: 'enhanced: size', enhanced: /^(?:2\.3|3\.4)$/, reason: 'TOO_LARGE' },
  { id: 'enhanced: congestion', enhanced: /^(?:4\.5|5\.3|7\.28)$/, reason: 'RATE_LIMITED', permanent: false },
  { id: 'enhanced: authentication', enhanced: /^7\.(?:2\d|515)$/, reason: 'AUTHENTICATION' },
  { id: 'enhanced: banned network', enhanced: /^7\.(?:511|6[0-4]\d)$/, reason: 'REPUTATION' },
  { id: 'enhanced: encryption', enhanced: /^7\.(?:4|5|10|30)$/, reason: 'TLS' },
  { id: 'enhanced: no UTF-8 address', enhanced: /^6\.7$/, reason: 'POLICY' },
  { id: 'enhanced: content', enhanced: /^6\./, reason: 'CONTENT' },
  { id: 'enhanced: policy', enhanced: /^7\./, reason: 'POLICY' },
  { id: 'enhanced: unroutable', codes: [550, 553, 554], enhanced: /^4\.4$/, reason: 'BAD_DOMAIN' },
  { id: 'enhanced: network', enhanced: /^(?:4\.|3\.2$)/, reason: 'NETWORK' },

  // Nothing but a code. A bare 550 may be about the mailbox or a policy: it says too little.
  { id: 'code: domain', codes: [521, 556], reason: 'BAD_DOMAIN' },
  { id: 'code: mailbox', codes: [551, 553], reason: 'BAD_MAILBOX' },
  { id: 'code: storage', codes: [552], reason: 'MAILBOX_FULL' },
  { id: 'code: closing', codes: [421], reason: 'NETWORK' },
  { id: 'text: policy', text: /\bpolicy\b|access denied|\bblocked\b/i, reason: 'POLICY' },
];
