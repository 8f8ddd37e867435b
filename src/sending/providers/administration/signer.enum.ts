import type { Signer } from '../../../domain/provider.js';
import { defineEnum } from '../../../graphql/define-enum.js';

export const SignerEnum = defineEnum<Signer>('Signer', 'Who makes the DKIM signature.', {
  POSTERN: 'This service, with the keys of the sender’s domain.',
  PROVIDER: 'The provider, with keys it was given or made.',
});
