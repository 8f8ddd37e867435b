/**
 * Why a hand-over was put off or refused, in words a program can act on. Only BAD_MAILBOX and
 * BAD_DOMAIN say something about the address; REPUTATION, AUTHENTICATION, POLICY and
 * PROVIDER_CONFIGURATION are about the sender and never a reason to stop writing to a recipient.
 */
export const REASON_CLASSES = {
  BAD_MAILBOX: 'The mailbox does not exist, is disabled or has moved.',
  BAD_DOMAIN: 'The domain does not exist or takes no mail.',
  MAILBOX_FULL: 'The mailbox is over its quota.',
  GREYLISTED: 'The host asks an unknown sender to come back later.',
  RATE_LIMITED: 'Too much at once for the recipient, the host or the account.',
  POLICY: 'A rule of the receiving side refuses the mail, its sender or its kind.',
  REPUTATION: 'The sending address or network is on a block list or has a bad name.',
  AUTHENTICATION: 'SPF, DKIM, DMARC or reverse DNS of the sender did not pass.',
  CONTENT: 'The content was taken for spam or malware, or is malformed.',
  TOO_LARGE: 'The message is larger than the host takes.',
  NETWORK:
    'A host could not be reached, is closed for now, or the connection was lost before the mail was handed over.',
  TLS: 'The connection could not be encrypted as one of the two sides demands.',
  PROVIDER_CONFIGURATION: 'The provider refuses our credentials, our sender or our account.',
  OTHER: 'The reply gives no reason that we know.',
} as const;

export type ReasonClass = keyof typeof REASON_CLASSES;
