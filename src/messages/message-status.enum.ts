import type { MessageStatus } from '../domain/message-status.js';
import { defineEnum } from '../graphql/define-enum.js';

export const MessageStatusEnum = defineEnum<MessageStatus>(
  'MessageStatus',
  'The roll-up of the recipients’ statuses: while anything moves, what moves soonest; then how it ended. Later releases may add values.',
  {
    SENDING: 'A recipient is being handed over right now.',
    QUEUED: 'A recipient waits for a worker.',
    DEFERRED: 'A recipient was put off and is tried again.',
    SCHEDULED: 'A recipient waits for its sendAt.',
    IN_DOUBT: 'Nothing moves; of a recipient nobody knows whether its mail was taken.',
    HELD: 'Nothing moves; a recipient waits for releaseMessage.',
    HANDED_OFF: 'The relay took responsibility for every recipient.',
    DELIVERED: 'The final destination took it for every recipient.',
    PARTIAL: 'Sent to some of the recipients only.',
    BOUNCED: 'Refused for every recipient, at once or later.',
    REJECTED: 'The relay cannot take it, for any recipient.',
    CANCELLED: 'Cancelled for every recipient.',
    SUPPRESSED: 'No recipient may be written to.',
    EXPIRED: 'Its time was over for every recipient.',
    FAILED: 'Sent to nobody.',
  },
);
