import type { RecipientStatus } from '../../domain/recipient-status.js';
import { defineEnum } from '../define-enum.js';

export const RecipientStatusEnum = defineEnum<RecipientStatus>(
  'RecipientStatus',
  'Where one recipient of a message stands. Later releases may add values.',
  {
    SCHEDULED: 'Waits for its sendAt.',
    QUEUED: 'Waits for a worker.',
    SENDING: 'A worker is handing it over right now.',
    DEFERRED: 'Put off by a temporary failure; it is tried again.',
    HELD: 'Waits for releaseMessage.',
    IN_DOUBT:
      'The connection died after the last byte: perhaps sent. Resolved by news of the provider, its policy or resolveInDoubt.',
    HANDED_OFF: 'The relay took responsibility for it.',
    DELIVERED: 'The final destination took it.',
    BOUNCED: 'Refused for good by the relay, at once or later by a bounce message.',
    REJECTED: 'The relay cannot take it: it lacks SMTPUTF8 or the message is over its size limit.',
    CANCELLED: 'Cancelled before it was sent.',
    SUPPRESSED: 'Not sent because the address must not be written to.',
    EXPIRED: 'Not sent before its expiry or within the time its lane allows.',
    FAILED: 'Given up: it cannot be sent, whoever receives it.',
  },
);
