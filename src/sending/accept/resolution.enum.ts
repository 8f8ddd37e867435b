import { defineEnum } from '../../graphql/define-enum.js';
import type { Resolution } from './resolution.js';

export const ResolutionEnum = defineEnum<Resolution>('InDoubtResolution', 'What is known about a mail in doubt.', {
  RESEND: 'It was not taken, or a second copy does no harm: send it again with the same Message-ID.',
  HANDED_OFF: 'It was taken.',
  FAILED: 'It was not taken and is not to be sent again.',
});
