import type { KeyMode } from '../../domain/principal.js';
import { defineEnum } from '../define-enum.js';

export const KeyModeEnum = defineEnum<KeyMode>('KeyMode', 'Whether mail sent with a key leaves the service.', {
  LIVE: 'Mail goes through the providers that its route leads to.',
  TEST: 'Mail always goes to the sandbox inbox, whatever the configuration says.',
});
