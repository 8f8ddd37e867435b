import { Field, Float, Int, ObjectType } from '@nestjs/graphql';
import type { ProviderKind, ProviderLimits, ProviderSource, ProviderState, Signer } from '../../../domain/provider.js';
import { NEWS_PATH, newsSourceOf } from '../news-source.js';
import type { BrokenProvider, Provider } from '../provider.js';
import { ProviderKindEnum } from './provider-kind.enum.js';
import { ProviderSettingsUnion, toProviderSettings } from './provider-settings.type.js';
import { ProviderSourceEnum } from './provider-source.enum.js';
import { ProviderStateEnum } from './provider-state.enum.js';
import { SignerEnum } from './signer.enum.js';

@ObjectType('ProviderLimits', { description: 'How much a provider may be given; null is not limited.' })
class ProviderLimitsType {
  @Field(() => Int, { nullable: true, description: 'Most connections at once.' })
  maxConnections: number | null;

  @Field(() => Float, { nullable: true, description: 'Messages a second.' })
  perSecond: number | null;

  @Field(() => Int, { nullable: true, description: 'Messages at once after a pause.' })
  burst: number | null;

  @Field(() => Int, { nullable: true, description: 'Messages in 24 hours.' })
  perDay: number | null;
}

@ObjectType('Provider', { description: 'Somebody who takes mail from the service to bring it further.' })
export class ProviderType {
  @Field(() => String, { description: 'Unique; recorded with each attempt.' })
  name: string;

  @Field(() => ProviderKindEnum, { description: 'How mail is handed over to it.' })
  kind: ProviderKind;

  @Field(() => ProviderSourceEnum, { description: 'Where it was made, and is changed.' })
  source: ProviderSource;

  @Field(() => ProviderStateEnum, { description: 'Whether it is given mail.' })
  state: ProviderState;

  @Field(() => SignerEnum, { description: 'Who makes the DKIM signature.' })
  signing: Signer;

  @Field(() => ProviderLimitsType, { nullable: true, description: 'How much it may be given; null with a problem.' })
  limits: ProviderLimitsType | null;

  @Field(() => ProviderSettingsUnion, {
    nullable: true,
    description: 'How it is reached, without secrets; null for the sandbox, and with a problem.',
  })
  settings: ReturnType<typeof toProviderSettings>;

  @Field(() => Boolean, { description: 'Whether credentials of its own are kept. They are never shown.' })
  hasCredentials: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      'Path of the service that the provider’s webhook is to post news to; null while there is nothing to check them with, and for kinds that tell none.',
  })
  newsPath: string | null;

  @Field(() => String, { nullable: true, description: 'Why the service cannot use it; null when it can.' })
  problem: string | null;
}

export function toProvider(provider: Provider | BrokenProvider): ProviderType {
  const { name, kind, source, state, signing } = provider;
  const common = { name, kind, source, state, signing };
  if ('problem' in provider) {
    const { problem, hasCredentials } = provider;
    return { ...common, limits: null, settings: null, hasCredentials, newsPath: null, problem };
  }
  return {
    ...common,
    limits: toLimits(provider.limits),
    settings: toProviderSettings(provider),
    hasCredentials: hasCredentials(provider),
    newsPath: newsSourceOf(provider) === undefined ? null : `${NEWS_PATH}${name}`,
    problem: null,
  };
}

function toLimits({ maxConnections, perSecond, burst, perDay }: ProviderLimits): ProviderLimitsType {
  return {
    maxConnections: maxConnections ?? null,
    perSecond: perSecond ?? null,
    burst: burst ?? null,
    perDay: perDay ?? null,
  };
}

function hasCredentials(provider: Provider): boolean {
  switch (provider.kind) {
    case 'SMTP':
      return provider.settings.auth !== undefined;
    case 'SES':
      return provider.settings.secretAccessKey !== undefined;
    case 'MAILGUN':
    case 'RESEND':
      return true;
    case 'DIRECT':
    case 'SANDBOX':
      return false;
  }
}
