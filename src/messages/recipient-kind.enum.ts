import { defineEnum } from '../graphql/define-enum.js';
import type { RecipientKind } from './recipient-kind.js';

export const RecipientKindEnum = defineEnum<RecipientKind>(
  'RecipientKind',
  'Where a recipient stands in the message.',
  {
    TO: 'Addressed, and seen by the others.',
    CC: 'Sent a copy, and seen by the others.',
    BCC: 'Sent a copy that the others do not see.',
  },
);
