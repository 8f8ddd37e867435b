import { Field, Float, InputType, Int } from '@nestjs/graphql';
import type { Signer } from '../../../domain/provider.js';
import { ProviderSettingsInput } from './provider-settings.input.js';
import { SignerEnum } from './signer.enum.js';

@InputType({ description: 'How much a provider may be given; what is not given is not limited.' })
export class ProviderLimitsInput {
  @Field(() => Int, { nullable: true, description: 'Most connections at once.' })
  maxConnections?: number | null;

  @Field(() => Float, { nullable: true, description: 'Messages a second.' })
  perSecond?: number | null;

  @Field(() => Int, { nullable: true, description: 'Messages at once after a pause; only with perSecond.' })
  burst?: number | null;

  @Field(() => Int, { nullable: true, description: 'Messages in 24 hours.' })
  perDay?: number | null;
}

@InputType({ description: 'The provider to make.' })
export class CreateProviderInput {
  @Field(() => String, {
    description: '1 to 40 lower-case letters, digits and hyphens; recorded with each attempt, never changed.',
  })
  name: string;

  @Field(() => ProviderSettingsInput, { description: 'Its kind, and how it is reached.' })
  settings: ProviderSettingsInput;

  @Field(() => ProviderLimitsInput, { nullable: true, description: 'How much it may be given. Default: no limit.' })
  limits?: ProviderLimitsInput | null;

  @Field(() => SignerEnum, {
    nullable: true,
    description: 'Who makes the DKIM signature. Default: POSTERN for SMTP and DIRECT, else PROVIDER.',
  })
  signing?: Signer | null;
}

@InputType({ description: 'The provider to change: only what is given, null for back to the default.' })
export class UpdateProviderInput {
  @Field(() => String, { description: 'Which one.' })
  name: string;

  @Field(() => ProviderSettingsInput, {
    nullable: true,
    description:
      'Settings of its kind to change. Secrets stay unless given, and have to be given again together with another host, port or URL.',
  })
  settings?: ProviderSettingsInput | null;

  @Field(() => ProviderLimitsInput, { nullable: true, description: 'Limits to change.' })
  limits?: ProviderLimitsInput | null;

  @Field(() => SignerEnum, { nullable: true, description: 'Who makes the DKIM signature.' })
  signing?: Signer | null;
}

@InputType({ description: 'The provider to delete.' })
export class DeleteProviderInput {
  @Field(() => String, { description: 'Which one.' })
  name: string;
}

@InputType({ description: 'The provider to give no new mail.' })
export class DrainProviderInput {
  @Field(() => String, { description: 'Which one.' })
  name: string;
}

@InputType({ description: 'The provider to give mail again.' })
export class ResumeProviderInput {
  @Field(() => String, { description: 'Which one.' })
  name: string;
}
