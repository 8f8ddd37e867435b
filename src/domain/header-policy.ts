/**
 * The custom headers a client may set, and the form of their values. What is not listed is refused:
 * who gets the mail, who it is from and how its body is read are told in fields of their own, and
 * mail libraries turn headers such as Bcc into recipients.
 */

interface HeaderForm {
  readonly pattern: RegExp;
  readonly expected: string;
}

interface HeaderProblem {
  readonly field: 'name' | 'value';
  readonly message: string;
}

const MAX_NAME = 76;
const MAX_VALUE = 2000;

// RFC 5322 section 3.6.8: printable ASCII without the colon.
const FTEXT = /^[!-9;-~]+$/;

// Whatever any reader takes for the end of a line, all other controls, and lone surrogates.
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

// A line has at most 998 octets and is folded at spaces only (RFC 5322 section 2.1.1).
const LONGEST_WORD = 900;
const UNFOLDABLE = /[^ ]{901}/;

const MSG_ID = "<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}>";
const LIST_URI = '<(?:https|mailto):[!-;=?-~]{1,880}>';

const TEXT: HeaderForm = { pattern: /^/, expected: '' };
const ASCII: HeaderForm = { pattern: /^[ -~]+$/, expected: 'printable ASCII characters' };
const MSG_IDS: HeaderForm = {
  pattern: new RegExp(`^${MSG_ID}(?: ${MSG_ID})*$`),
  expected: 'message ids such as <id@example.com>, separated by one space',
};
const LIST_URIS: HeaderForm = {
  pattern: new RegExp(`^${LIST_URI}(?:, ?${LIST_URI})*$`, 'i'),
  expected: 'https: or mailto: addresses in angle brackets, separated by commas, such as <https://example.com/leave>',
};

function oneOf(...words: readonly string[]): HeaderForm {
  return { pattern: new RegExp(`^(?:${words.join('|')})$`, 'i'), expected: `one of ${words.join(', ')}` };
}

/** By lower-case name. Texts may be in any script; the others go on the wire as they are. */
const ALLOWED: ReadonlyMap<string, HeaderForm> = new Map([
  // Threads (RFC 5322 section 3.6.4).
  ['in-reply-to', MSG_IDS],
  ['references', MSG_IDS],
  ['thread-topic', TEXT],
  ['thread-index', ASCII],
  // Lists and leaving them (RFC 2369, 2919, 8058).
  [
    'list-id',
    { pattern: /^[ -;=?-~]{0,200}<[A-Za-z0-9._-]{1,255}>$/, expected: 'an id such as Our news <news.example.com>' },
  ],
  ['list-help', LIST_URIS],
  ['list-subscribe', LIST_URIS],
  ['list-unsubscribe', LIST_URIS],
  ['list-unsubscribe-post', oneOf('List-Unsubscribe=One-Click')],
  ['list-owner', LIST_URIS],
  ['list-archive', LIST_URIS],
  // What kind of mail it is, for auto-responders and inboxes (RFC 3834, 2156).
  ['auto-submitted', oneOf('no', 'auto-generated', 'auto-replied', 'auto-notified')],
  ['precedence', oneOf('bulk', 'list', 'junk', 'normal', 'first-class', 'special-delivery')],
  ['importance', oneOf('low', 'normal', 'high')],
  ['priority', oneOf('non-urgent', 'normal', 'urgent')],
  ['sensitivity', oneOf('personal', 'private', 'company-confidential')],
  ['feedback-id', ASCII],
  ['organization', TEXT],
  ['comments', TEXT],
  ['keywords', TEXT],
]);

// X-… headers that a provider or server obeys: with them a client could add recipients (X-SMTPAPI,
// X-MC-BccAddress, X-Receiver), change the sender, or have the mail dropped after it was taken.
const COMMANDS =
  /^x-(?:postern-|smtpapi$|msys-api$|mc-|mailgun-|ses-|pm-|mj-|mailin-|sib-|sender$|receiver$|envelope-|original-to$|rcpt-|bcc$)/;

/** What is wrong with a custom header, or undefined. */
export function headerProblem(name: string, value: string): HeaderProblem | undefined {
  const form = formOf(name);
  if (typeof form === 'string') return { field: 'name', message: form };
  const message = valueProblem(value, form);
  return message === undefined ? undefined : { field: 'value', message };
}

function formOf(name: string): HeaderForm | string {
  if (name.length > MAX_NAME || !FTEXT.test(name)) {
    return `Give a header name of 1 to ${MAX_NAME} printable ASCII characters without spaces and colons.`;
  }
  const key = name.toLowerCase();
  if (COMMANDS.test(key)) return 'Headers that servers take as commands cannot be set; choose another X-… name.';
  if (/^x-./.test(key)) return TEXT;
  return (
    ALLOWED.get(key) ??
    'This header is not on the allow-list; recipients, sender, subject and dates have their own fields.'
  );
}

function valueProblem(value: string, form: HeaderForm): string | undefined {
  if (value.length > MAX_VALUE) return `Give at most ${MAX_VALUE} characters; these are ${value.length}.`;
  if (CONTROL.test(value))
    return 'Remove the control characters: a header value is one line without tabs and newlines.';
  if (value.trim() !== value || value === '') return 'Give a value that is not empty and has no blanks around it.';
  if (value.length > LONGEST_WORD && UNFOLDABLE.test(value))
    return 'Put a space after at most 900 characters: the line could not be folded.';
  return form.pattern.test(value) ? undefined : `Give ${form.expected}.`;
}
