import type { EventType } from '../../domain/delivery-event.js';
import { defineEnum } from '../define-enum.js';

export const EventTypeEnum = defineEnum<EventType>(
  'EventType',
  'What happened to one recipient of a message. Later releases may add values.',
  {
    ACCEPTED: 'The message was stored durably for the recipient.',
    RESCHEDULED: 'Its time of sending was changed.',
    RELEASED: 'It was held and may now be sent.',
    RESOLVED: 'A doubt was settled: by an operator, or by news of the provider that has the mail.',
    DEFERRED: 'An attempt failed for now; another one follows.',
    IN_DOUBT: 'The connection died after the last byte: perhaps sent.',
    ATTEMPT_LOST: 'A worker vanished during an attempt.',
    QUARANTINED: 'Attempts were lost again and again; it is held for an operator.',
    FALLBACK:
      'A provider could not take it and the next one of its route was asked. The mail was certainly not sent by the first.',
    DELAYED: 'The provider that took it has not got rid of it yet and goes on trying.',
    HANDED_OFF: 'The relay took responsibility for it.',
    DELIVERED: 'The final destination took it.',
    BOUNCED: 'Refused for good by the relay, at once or later by a bounce message.',
    REJECTED: 'The relay cannot take it: it lacks SMTPUTF8 or the message is over its size limit.',
    EXPIRED: 'Its time was over before it could be sent.',
    FAILED: 'Given up: it cannot be sent, whoever receives it.',
    CANCELLED: 'Cancelled before it was sent.',
    SUPPRESSED: 'Not sent because the address must not be written to.',
    COMPLAINED: 'The recipient has reported it as spam.',
  },
);
