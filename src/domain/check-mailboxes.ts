import { parseEmailAddress } from './email-address.js';
import type { Mailbox } from './message-draft.js';
import type { MailboxInput, MessageInput } from './message-input.js';
import { lengthProblem, lineProblem } from './text-problem.js';
import { userError } from './user-error.js';
import type { UserError } from './user-error.js';

const MAX_NAME = 255;
const MAX_REPLY_TO = 10;

const BAD_ADDRESS =
  'Give exactly one address such as ada@example.com: no display name, no list, no comments or quotes, and a full domain.';

/** The three lists of recipients, as far as they are right; problems are added to `errors`. */
export function checkRecipients(
  input: MessageInput,
  maxRecipients: number,
  errors: UserError[],
): Record<'to' | 'cc' | 'bcc', readonly Mailbox[]> {
  const lists = { to: input.to, cc: input.cc ?? [], bcc: input.bcc ?? [] };
  if (lists.to.length === 0) errors.push(userError('REQUIRED', ['to'], 'Give at least one recipient in to.'));

  const total = lists.to.length + lists.cc.length + lists.bcc.length;
  if (total > maxRecipients) {
    const message = `Give at most ${maxRecipients} recipients in to, cc and bcc together; these are ${total}.`;
    errors.push(userError('TOO_MANY', [fullList(lists, maxRecipients)], message));
    // Unchecked: nobody wants to read an error for each of a million addresses.
    return { to: [], cc: [], bcc: [] };
  }
  const seen = new Map<string, string>();
  return {
    to: checkList(lists.to, 'to', errors, seen),
    cc: checkList(lists.cc, 'cc', errors, seen),
    bcc: checkList(lists.bcc, 'bcc', errors, seen),
  };
}

/** The list in which the limit is passed. */
function fullList(lists: Record<'to' | 'cc', readonly unknown[]>, limit: number): string {
  if (lists.to.length > limit) return 'to';
  return lists.to.length + lists.cc.length > limit ? 'cc' : 'bcc';
}

/** The mailboxes that answers go to. */
export function checkReplyTo(input: MessageInput, errors: UserError[]): readonly Mailbox[] {
  const list = input.replyTo ?? [];
  if (list.length > MAX_REPLY_TO) {
    errors.push(
      userError('TOO_MANY', ['replyTo'], `Give at most ${MAX_REPLY_TO} addresses; these are ${list.length}.`),
    );
    return [];
  }
  return checkList(list, 'replyTo', errors, new Map());
}

// Twice the same recipient would be two mails to one person, under two recipient ids.
function checkList(
  list: readonly MailboxInput[],
  name: string,
  errors: UserError[],
  seen: Map<string, string>,
): readonly Mailbox[] {
  return list.flatMap((input, i) => {
    const path = [name, String(i)];
    const mailbox = checkMailbox(input, path, errors);
    if (mailbox === undefined) return [];

    const first = seen.get(mailbox.address.value);
    if (first === undefined) {
      seen.set(mailbox.address.value, path.join('.'));
    } else {
      const message = `Remove one of the two: the same address is given as ${first}.`;
      errors.push(userError('INVALID_VALUE', [...path, 'address'], message));
    }
    return [mailbox];
  });
}

/** One mailbox, or undefined when its address is none; both its parts are checked in any case. */
export function checkMailbox(input: MailboxInput, path: readonly string[], errors: UserError[]): Mailbox | undefined {
  const name = input.name?.trim() ?? '';
  // Before trimming: a newline at the end of a name is a mistake worth telling, too.
  const malformed = lineProblem(input.name ?? '');
  const tooLong = lengthProblem(name, MAX_NAME);
  if (malformed !== undefined) errors.push(userError('INVALID_VALUE', [...path, 'name'], malformed));
  else if (tooLong !== undefined) errors.push(userError('TOO_LONG', [...path, 'name'], tooLong));

  const address = parseEmailAddress(input.address);
  if (address === undefined) {
    const code = input.address === '' ? 'REQUIRED' : 'INVALID_ADDRESS';
    errors.push(userError(code, [...path, 'address'], BAD_ADDRESS));
    return undefined;
  }
  return { address, name: name === '' ? undefined : name };
}
