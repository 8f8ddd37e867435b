/** Reserved by RFC 2606: nothing at it can ever be real. */
export const MAGIC_DOMAIN = 'postern.test';

/** A refusal the sandbox gives to RCPT. */
export interface MagicReply {
  readonly code: number;
  readonly text: string;
}

interface MagicBehaviour {
  /** What happens, for the documentation. */
  readonly description: string;
  readonly reply?: MagicReply;
  /** The reply is given, or the connection dropped, on the first attempt only. */
  readonly firstAttemptOnly?: boolean;
  /** Milliseconds before the final reply. */
  readonly delayMs?: number;
  /** Take the message and close the connection without a reply. */
  readonly hangUp?: boolean;
}

/**
 * Local parts at the magic domain and what they do; a label may follow (`bounced+test-17@…`).
 * Every other address is taken. The documentation is printed from this table.
 */
export const MAGIC_ADDRESSES: Readonly<Record<string, MagicBehaviour>> = {
  delivered: { description: 'Taken at once.' },
  bounced: {
    description: 'Refused for good with 550 5.1.1: there is no such mailbox.',
    reply: { code: 550, text: '5.1.1 The sandbox has no such mailbox' },
  },
  'soft-bounced': {
    description: 'Put off once with 450 4.2.2 (mailbox full), taken on the second attempt.',
    reply: { code: 450, text: '4.2.2 The mailbox is full for now' },
    firstAttemptOnly: true,
  },
  deferred: {
    description: 'Put off with 451 4.7.1 on every attempt.',
    reply: { code: 451, text: '4.7.1 Try again later' },
  },
  blocked: {
    description: 'Refused for good with 550 5.7.1: blocked by policy.',
    reply: { code: 550, text: '5.7.1 Blocked by policy' },
  },
  slow: { description: 'Taken, but the reply comes after two seconds.', delayMs: 2000 },
  'in-doubt': {
    description:
      'The message is taken, but on the first attempt the connection ends without a reply: perhaps sent. Later attempts are taken.',
    hangUp: true,
    firstAttemptOnly: true,
  },
};

const TAKEN: MagicBehaviour = { description: 'Taken at once.' };

/** What the sandbox does with a recipient on the given attempt (from 1). */
export function magicBehaviour(address: string, attempt: number): MagicBehaviour {
  const at = address.lastIndexOf('@');
  if (address.slice(at + 1).toLowerCase() !== MAGIC_DOMAIN) return TAKEN;
  const local = address.slice(0, at).split('+')[0]?.toLowerCase() ?? '';
  const behaviour = Object.hasOwn(MAGIC_ADDRESSES, local) ? MAGIC_ADDRESSES[local] : undefined;
  if (behaviour === undefined || (behaviour.firstAttemptOnly === true && attempt > 1)) return TAKEN;
  return behaviour;
}
