import type { ProviderState } from '../../../domain/provider.js';
import { defineEnum } from '../../../graphql/define-enum.js';

export const ProviderStateEnum = defineEnum<ProviderState>('ProviderState', 'Whether a provider is given mail.', {
  ACTIVE: 'It takes what routes give it.',
  DRAINING: 'It is given nothing new. What was meant for it takes the alternatives of its route, or waits.',
});
