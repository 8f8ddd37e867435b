import { ATTEMPT_OUTCOMES, type AttemptOutcome } from '../domain/attempt-outcome.js';
import { defineEnum } from '../graphql/define-enum.js';

export const AttemptOutcomeEnum = defineEnum<AttemptOutcome>(
  'AttemptOutcome',
  'How one conversation with a provider ended. Later releases may add values.',
  ATTEMPT_OUTCOMES,
);
