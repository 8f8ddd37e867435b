import { createUnionType, Field, Int, ObjectType } from '@nestjs/graphql';
import { DateTime } from '../../../graphql/date-time.scalar.js';
import type { Provider } from '../provider.js';
import { AddressFamilyEnum } from './address-family.enum.js';
import { SmtpAuthMethodEnum } from './smtp-auth-method.enum.js';
import { TlsPolicyEnum } from './tls-policy.enum.js';

@ObjectType('SmtpProviderSettings', { description: 'A relay, defaults filled in, without secrets.' })
class SmtpProviderSettingsType {
  @Field(() => String, { description: 'Name or address of the relay.' })
  host: string;

  @Field(() => Int, { description: 'Its port.' })
  port: number;

  @Field(() => Boolean, { description: 'TLS from the first byte.' })
  implicitTls: boolean;

  @Field(() => TlsPolicyEnum, { description: 'How it is to be spoken to.' })
  tls: string;

  @Field(() => String, { nullable: true, description: 'Certificates of a private authority, PEM.' })
  ca: string | null;

  @Field(() => String, { nullable: true, description: 'Name given in EHLO; null for the host’s name.' })
  ehloName: string | null;

  @Field(() => String, { nullable: true, description: 'The user; null without credentials.' })
  user: string | null;

  @Field(() => SmtpAuthMethodEnum, {
    nullable: true,
    description: 'How it authenticates; null for what the relay offers.',
  })
  authMethod: string | null;

  @Field(() => String, { nullable: true, description: 'Own address it connects from; null for the system’s choice.' })
  sourceAddress: string | null;

  @Field(() => Int, { description: 'Messages over one connection.' })
  messagesPerConnection: number;

  @Field(() => Int, { description: 'Milliseconds to reach the relay and read its greeting.' })
  connectTimeoutMs: number;

  @Field(() => Int, { description: 'Milliseconds to the reply to DATA.' })
  commandTimeoutMs: number;

  @Field(() => Int, { description: 'Milliseconds from the final dot to its reply.' })
  finalReplyTimeoutMs: number;
}

@ObjectType('SesProviderSettings', { description: 'Amazon SES, without secrets.' })
class SesProviderSettingsType {
  @Field(() => String, { description: 'Region.' })
  region: string;

  @Field(() => String, { nullable: true, description: 'Another endpoint than the region’s.' })
  endpoint: string | null;

  @Field(() => String, { nullable: true, description: 'Access key; null for what the environment gives.' })
  accessKeyId: string | null;

  @Field(() => String, { nullable: true, description: 'Configuration set it sends with.' })
  configurationSet: string | null;

  @Field(() => String, { nullable: true, description: 'ARN of the SNS topic whose news are taken; null for none.' })
  snsTopicArn: string | null;
}

@ObjectType('MailgunProviderSettings', { description: 'Mailgun, without secrets.' })
class MailgunProviderSettingsType {
  @Field(() => String, { description: 'The sending domain at Mailgun.' })
  domain: string;

  @Field(() => String, { description: 'Where its API is.' })
  baseUrl: string;
}

@ObjectType('ResendProviderSettings', { description: 'Resend, without secrets.' })
class ResendProviderSettingsType {
  @Field(() => String, { description: 'Where its API is.' })
  baseUrl: string;
}

@ObjectType('SourceAddress', { description: 'An address of ours that mail leaves from.' })
class SourceAddressType {
  @Field(() => String, { description: 'The IP address.' })
  address: string;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is being warmed up.' })
  warmUpSince: Date | null;
}

@ObjectType('DirectProviderSettings', { description: 'Delivery to the hosts of the recipients’ domains.' })
class DirectProviderSettingsType {
  @Field(() => String, { description: 'Name given in EHLO.' })
  ehloName: string;

  @Field(() => [SourceAddressType], { description: 'Addresses it sends from; none for the system’s choice.' })
  sourceAddresses: SourceAddressType[];

  @Field(() => AddressFamilyEnum, { description: 'Which addresses of hosts it uses.' })
  addressFamily: string;

  @Field(() => Boolean, { description: 'Whether it delivers to private and loopback addresses.' })
  allowPrivateTargets: boolean;

  @Field(() => Int, { description: 'Port of the hosts.' })
  port: number;

  @Field(() => String, { nullable: true, description: 'Certificates of a private authority, PEM.' })
  ca: string | null;
}

const TYPES = {
  SMTP: SmtpProviderSettingsType,
  SES: SesProviderSettingsType,
  MAILGUN: MailgunProviderSettingsType,
  RESEND: ResendProviderSettingsType,
  DIRECT: DirectProviderSettingsType,
} as const;

type ShownSettings<K extends keyof typeof TYPES = keyof typeof TYPES> = {
  [Kind in K]: { readonly kind: Kind } & InstanceType<(typeof TYPES)[Kind]>;
}[K];

export const ProviderSettingsUnion = createUnionType({
  name: 'ProviderSettings',
  description: 'How a provider is reached. Nothing in it is secret.',
  types: () => Object.values(TYPES),
  resolveType: ({ kind }: ShownSettings) => TYPES[kind],
});

/** Field by field: whatever is added to the settings stays hidden until it is named here. Null for the sandbox. */
export function toProviderSettings(provider: Provider): ShownSettings | null {
  const { kind } = provider;
  switch (kind) {
    case 'SMTP':
      return toSmtpSettings(provider.settings);
    case 'SES': {
      const {
        region,
        endpoint = null,
        accessKeyId = null,
        configurationSet = null,
        snsTopicArn = null,
      } = provider.settings;
      return { kind, region, endpoint, accessKeyId, configurationSet, snsTopicArn };
    }
    case 'MAILGUN':
      return { kind, domain: provider.settings.domain, baseUrl: provider.settings.baseUrl };
    case 'RESEND':
      return { kind, baseUrl: provider.settings.baseUrl };
    case 'DIRECT': {
      const { ehloName, addressFamily, allowPrivateTargets, port, ca = null } = provider.settings;
      const sourceAddresses = provider.settings.sourceAddresses.map(({ address, warmUpSince = null }) => ({
        address,
        warmUpSince,
      }));
      return { kind, ehloName, sourceAddresses, addressFamily, allowPrivateTargets, port, ca };
    }
    case 'SANDBOX':
      return null;
  }
}

function toSmtpSettings(settings: Extract<Provider, { kind: 'SMTP' }>['settings']): ShownSettings<'SMTP'> {
  const { auth } = settings;
  return {
    kind: 'SMTP',
    host: settings.host,
    port: settings.port,
    implicitTls: settings.secure,
    tls: settings.tls,
    ca: settings.ca ?? null,
    ehloName: settings.ehloName ?? null,
    user: auth?.user ?? null,
    authMethod: auth === undefined || auth.method === 'ANY' ? null : auth.method,
    sourceAddress: settings.sourceAddress ?? null,
    messagesPerConnection: settings.messagesPerConnection,
    connectTimeoutMs: settings.connectTimeoutMs,
    commandTimeoutMs: settings.commandTimeoutMs,
    finalReplyTimeoutMs: settings.finalReplyTimeoutMs,
  };
}
