import type { ProviderSource } from '../../../domain/provider.js';
import { defineEnum } from '../../../graphql/define-enum.js';

export const ProviderSourceEnum = defineEnum<ProviderSource>('ProviderSource', 'Where it was made, and is changed.', {
  CONFIGURATION: 'In the configuration of the service; read-only here.',
  API: 'By mutation.',
});
