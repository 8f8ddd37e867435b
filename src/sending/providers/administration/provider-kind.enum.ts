import type { ProviderKind } from '../../../domain/provider.js';
import { defineEnum } from '../../../graphql/define-enum.js';

export const ProviderKindEnum = defineEnum<ProviderKind>('ProviderKind', 'How mail is handed over to a provider.', {
  SMTP: 'Any relay that speaks SMTP.',
  SES: 'Amazon SES, through its API.',
  MAILGUN: 'Mailgun, through its API.',
  RESEND: 'Resend, through its API.',
  DIRECT: 'To the hosts of the recipients’ domains, without anybody between.',
  SANDBOX: 'To the inbox of the service itself. Always there, under the name sandbox.',
});
