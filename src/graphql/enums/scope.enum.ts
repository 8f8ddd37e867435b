import type { Scope } from '../../domain/principal.js';
import { defineEnum } from '../define-enum.js';

export const ScopeEnum = defineEnum<Scope>('Scope', 'What an API key may do.', {
  SEND: 'Send messages, and cancel, reschedule and release them.',
  READ: 'Read messages, recipients and events, and subscribe to them.',
  ADMIN: 'Everything of the tenant, including making and revoking API keys.',
  OPERATE:
    'The installation that all tenants share: providers, routes and lanes. Not part of ADMIN; the first key has it, and only such a key can make another.',
});
