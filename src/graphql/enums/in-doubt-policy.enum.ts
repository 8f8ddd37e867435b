import type { InDoubtPolicy } from '../../domain/in-doubt-policy.js';
import { defineEnum } from '../define-enum.js';

export const InDoubtPolicyEnum = defineEnum<InDoubtPolicy>(
  'InDoubtPolicy',
  'What to do when a connection dies after the last byte and nobody knows whether the mail was taken.',
  {
    RESEND: 'Send again with the same Message-ID: a second copy is possible, the mail is not lost.',
    HOLD: 'Never send twice: wait for resolveInDoubt or for the provider’s own news.',
  },
);
