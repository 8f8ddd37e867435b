import { defineEnum } from '../graphql/define-enum.js';

/** How one conversation about a recipient ended. */
export const AttemptOutcomeEnum = defineEnum(
  'AttemptOutcome',
  'How one conversation with a provider ended. Later releases may add values.',
  {
    ACCEPTED: 'The provider took the message.',
    DEFERRED: 'Not sent; it may be tried again.',
    REFUSED: 'Not sent, and refused for good.',
    IN_DOUBT: 'Perhaps sent: the connection died after the last byte.',
  },
);

export type AttemptOutcome = keyof typeof AttemptOutcomeEnum;
