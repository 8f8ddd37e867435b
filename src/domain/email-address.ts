import { domainToASCII } from 'node:url';

/**
 * One mailbox, parsed once at the edge. Everything behind uses these parts and never reads an
 * address out of a string again: mail libraries read one string as two recipients, or as another
 * mailbox than the one that was checked.
 */
export interface EmailAddress {
  /** Left of the @, as given: its case belongs to the receiving host. */
  readonly local: string;
  /** Lower case, IDN labels as A-labels (xn--…). */
  readonly domain: string;
  /** local@domain, as it goes on the wire. */
  readonly value: string;
  /** The local part is not ASCII: the mail needs SMTPUTF8 (RFC 6531). */
  readonly utf8Local: boolean;
}

// RFC 5321 section 4.5.3.1: octets, not characters. A path of 256 leaves 254 between the brackets.
const MAX_LOCAL = 64;
const MAX_DOMAIN = 253;
const MAX_ADDRESS = 254;

// RFC 5322 dot-atom; from U+0080 on RFC 6531 allows anything, and we only what can be seen. Quoted
// local parts are refused: libraries and hosts disagree about where the quotes end.
const LOCAL =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u{80}-\u{10ffff}]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u{80}-\u{10ffff}]+)*$/u;

// Controls, bidirectional and other format characters, blanks and line separators, lone
// surrogates, private use, non-characters, and whatever is drawn as nothing.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/u;

const ENCODED_WORD = /=\?[^?]+\?[bq]\?/i;

const ASCII = /^[\0-\x7f]*$/;
const NOT_LDH = /[\0-,./:-@[-`{-\x7f]/;
const LDH = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The mailbox behind a text that is exactly one addr-spec, or undefined. Refused: display names,
 * lists, groups, comments, folding, quoted local parts, source routes, address literals, domains
 * without a dot, and every character that cannot be seen.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  // Nothing longer can fit, and the work below stays bounded.
  if (text.length > MAX_ADDRESS || UNSEEN.test(text)) return undefined;
  const at = text.indexOf('@');
  if (at < 1 || at !== text.lastIndexOf('@')) return undefined;

  const local = text.slice(0, at);
  const domain = parseDomain(text.slice(at + 1));
  if (domain === undefined || !isLocal(local)) return undefined;

  const value = `${local}@${domain}`;
  if (Buffer.byteLength(value) > MAX_ADDRESS) return undefined;
  return { local, domain, value, utf8Local: !ASCII.test(local) };
}

function isLocal(local: string): boolean {
  if (Buffer.byteLength(local) > MAX_LOCAL || !LOCAL.test(local)) return false;
  // Mail programs decode what looks like an encoded word (RFC 2047), and show another address.
  if (ENCODED_WORD.test(local)) return false;
  // A host may normalise: no form of the text may turn into syntax, as U+FF20 turns into an @.
  return LOCAL.test(local.normalize('NFKC'));
}

/** A domain as it is kept and compared: lower case, A-labels. Undefined for what mail cannot be sent to. */
export function parseDomain(text: string): string | undefined {
  const labels = text.split('.').map(toAsciiLabel);
  const domain = labels.join('.');
  // A top-level label never starts with a digit, and an IPv4 address always does (RFC 3696).
  if (labels.length < 2 || domain.length > MAX_DOMAIN || /\.\d[^.]*$/.test(domain)) return undefined;
  return labels.every((label) => LDH.test(label)) ? domain : undefined;
}

/**
 * The label in lower case, as an A-label where it is not ASCII, or '' where the mapping makes plain
 * letters or several labels of it, as of full-width letters and of the ideographic full stop: that
 * would be another name than the one written.
 */
function toAsciiLabel(label: string): string {
  if (ASCII.test(label)) return label.toLowerCase();
  // domainToASCII reads a URL's host: it silently drops what follows a / ? # or colon.
  const mapped = NOT_LDH.test(label) ? '' : domainToASCII(label);
  return mapped.startsWith('xn--') ? mapped : '';
}
