import { defineSpelledEnum } from '../../../graphql/define-enum.js';
import type { SmtpSettings } from '../../transports/smtp/smtp-settings.js';

export const TlsPolicyEnum = defineSpelledEnum<SmtpSettings['tls']>('TlsPolicy', 'How a relay is to be spoken to.', {
  REQUIRED: ['required', 'Encrypted, with a certificate that is checked; else nothing is sent.'],
  OPPORTUNISTIC: ['opportunistic', 'Encrypted where the relay offers it.'],
  OFF: ['off', 'In clear.'],
});
