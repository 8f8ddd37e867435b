import type { Mailbox } from '../../domain/message-draft.js';
import { ENCODED_LINE, PRINTABLE, withoutControls } from './encode-header.js';
import { encodeWords, looksEncoded } from './encode-words.js';
import { mustMatch } from './must-match.js';

// Second line of defence: what the domain accepts as an address, but for its finer rules. Nothing
// here may be read as the end of the mailbox or the beginning of another.
const ASCII_ADDRESS = /^[!#-'*+\--9=?A-Z^-~]{1,64}@[a-z0-9.-]{1,253}$/;
const UTF8_ADDRESS = /^[^\p{Cc}\p{Cs}\p{Z}"(),:;<>@[\]\\]{1,64}@[a-z0-9.-]{1,253}$/u;

// RFC 5322 section 3.2.3: words of a display name that need no quotes.
const ATOMS = /^[\w!#$%&'*+\-/=?^`{|}~]+(?: [\w!#$%&'*+\-/=?^`{|}~]+)*$/;
const LONGEST_PLAIN_NAME = 60;

/** An address header, one mailbox never torn but between its name and its address. */
export function encodeAddressList(name: string, mailboxes: readonly Mailbox[]): string {
  let lines = `${name}:`;
  let column = lines.length;
  mailboxes.forEach((mailbox, i) => {
    const tokens = mailboxTokens(mailbox);
    tokens.forEach((token, t) => {
      const last = t === tokens.length - 1 && i < mailboxes.length - 1;
      const length = token.length + (last ? 2 : 1);
      const fits = column + length <= ENCODED_LINE || column === name.length + 1;
      lines += `${fits ? ' ' : '\r\n '}${token}${last ? ',' : ''}`;
      column = fits ? column + length : length;
    });
  });
  return `${lines}\r\n`;
}

/** What has to stay on one line each, to be joined by blanks or folds. */
function mailboxTokens({ address, name }: Mailbox): string[] {
  const value = mustMatch(address.value, address.utf8Local ? UTF8_ADDRESS : ASCII_ADDRESS, 'address');
  const text = withoutControls(name ?? '');
  return text === '' ? [value] : [...nameTokens(text), `<${value}>`];
}

function nameTokens(name: string): string[] {
  if (name.length <= LONGEST_PLAIN_NAME && PRINTABLE.test(name) && !looksEncoded(name)) {
    return [ATOMS.test(name) ? name : `"${name.replace(/["\\]/g, String.raw`\$&`)}"`];
  }
  // Behind "From:" the first word starts on the header's line, which may be 76 characters long.
  return encodeWords(name, ENCODED_LINE - 'Reply-To: '.length);
}
