import { Field, InputType, Int } from '@nestjs/graphql';
import { DateTime } from '../../../graphql/date-time.scalar.js';
import { AddressFamilyEnum } from './address-family.enum.js';
import { SmtpAuthMethodEnum } from './smtp-auth-method.enum.js';
import { TlsPolicyEnum } from './tls-policy.enum.js';

// What has to be given is told by the schemas in provider-settings.ts: a change gives only what is
// to be different, so nothing here is required of the document itself.

@InputType({ description: 'Credentials for a relay. Secrets are stored encrypted and never shown.' })
class SmtpAuthInput {
  @Field(() => SmtpAuthMethodEnum, { nullable: true, description: 'How. Default: what the relay offers.' })
  method?: string | null;

  @Field(() => String, { nullable: true, description: 'The user. Needed.' })
  user?: string | null;

  @Field(() => String, { nullable: true, description: 'The password. Needed, except for XOAUTH2.' })
  password?: string | null;

  @Field(() => String, { nullable: true, description: 'The access token for XOAUTH2.' })
  accessToken?: string | null;
}

@InputType({ description: 'A relay.' })
class SmtpProviderInput {
  @Field(() => String, { nullable: true, description: 'Name or address of the relay. Needed.' })
  host?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Default: 465 with implicitTls, 587 with credentials, else 25.',
  })
  port?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'TLS from the first byte. Default: true on port 465.' })
  implicitTls?: boolean | null;

  @Field(() => TlsPolicyEnum, {
    nullable: true,
    description: 'Default: REQUIRED with credentials or implicitTls, else OPPORTUNISTIC.',
  })
  tls?: string | null;

  @Field(() => String, { nullable: true, description: 'Certificates of a private authority, PEM.' })
  ca?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Name given in EHLO, or an address such as [192.0.2.1]. Default: the host’s name.',
  })
  ehloName?: string | null;

  @Field(() => SmtpAuthInput, { nullable: true, description: 'Credentials. Default: none.' })
  auth?: SmtpAuthInput | null;

  @Field(() => String, { nullable: true, description: 'Own address to connect from. Default: the system’s choice.' })
  sourceAddress?: string | null;

  @Field(() => Int, { nullable: true, description: 'Messages over one connection. Default: 100.' })
  messagesPerConnection?: number | null;

  @Field(() => Int, { nullable: true, description: 'To reach the relay and read its greeting. Default: 10000.' })
  connectTimeoutMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'To the reply to DATA. Default: 30000.' })
  commandTimeoutMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'From the final dot to its reply. Default: 120000.' })
  finalReplyTimeoutMs?: number | null;
}

@InputType({ description: 'Amazon SES.' })
class SesProviderInput {
  @Field(() => String, { nullable: true, description: 'Region, such as eu-central-1. Needed.' })
  region?: string | null;

  @Field(() => String, { nullable: true, description: 'Another endpoint than the region’s.' })
  endpoint?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Access key. Default: what the environment of the service gives the AWS client.',
  })
  accessKeyId?: string | null;

  @Field(() => String, { nullable: true, description: 'The secret of the access key.' })
  secretAccessKey?: string | null;

  @Field(() => String, { nullable: true, description: 'Token of temporary credentials.' })
  sessionToken?: string | null;

  @Field(() => String, { nullable: true, description: 'Configuration set to send with.' })
  configurationSet?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'ARN of the SNS topic that the configuration set publishes events to: its news are taken.',
  })
  snsTopicArn?: string | null;
}

@InputType({ description: 'Mailgun.' })
class MailgunProviderInput {
  @Field(() => String, { nullable: true, description: 'The sending domain at Mailgun. Needed.' })
  domain?: string | null;

  @Field(() => String, { nullable: true, description: 'Sending key. Needed; stored encrypted and never shown.' })
  apiKey?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Default: https://api.mailgun.net; https://api.eu.mailgun.net for domains in the EU.',
  })
  baseUrl?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'HTTP webhook signing key: with it its news are taken. Stored encrypted and never shown.',
  })
  webhookSigningKey?: string | null;
}

@InputType({ description: 'Resend.' })
class ResendProviderInput {
  @Field(() => String, { nullable: true, description: 'API key. Needed; stored encrypted and never shown.' })
  apiKey?: string | null;

  @Field(() => String, { nullable: true, description: 'Default: https://api.resend.com.' })
  baseUrl?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Signing secret of its webhook (whsec_…): with it its news are taken. Stored encrypted and never shown.',
  })
  webhookSecret?: string | null;
}

@InputType({ description: 'An address of ours that mail leaves from.' })
class SourceAddressInput {
  @Field(() => String, { description: 'The IP address.' })
  address: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when it is being warmed up. Default: it is known to receivers already.',
  })
  warmUpSince?: Date | null;
}

@InputType({ description: 'Delivery to the hosts of the recipients’ domains.' })
class DirectProviderInput {
  @Field(() => String, { nullable: true, description: 'Full name of this host, as its addresses resolve. Needed.' })
  ehloName?: string | null;

  @Field(() => [SourceAddressInput], { nullable: true, description: 'Addresses to send from. Default: the system’s.' })
  sourceAddresses?: SourceAddressInput[] | null;

  @Field(() => AddressFamilyEnum, { nullable: true, description: 'Which addresses of hosts to use. Default: ANY.' })
  addressFamily?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Deliver to private and loopback addresses too; for tests only. Default: false.',
  })
  allowPrivateTargets?: boolean | null;

  @Field(() => Int, { nullable: true, description: 'Default: 25.' })
  port?: number | null;

  @Field(() => String, { nullable: true, description: 'Certificates of a private authority, PEM.' })
  ca?: string | null;
}

@InputType({ description: 'How the provider is reached: exactly one of the kinds.', isOneOf: true })
export class ProviderSettingsInput {
  @Field(() => SmtpProviderInput, { nullable: true, description: 'A relay.' })
  smtp?: SmtpProviderInput | null;

  @Field(() => SesProviderInput, { nullable: true, description: 'Amazon SES.' })
  ses?: SesProviderInput | null;

  @Field(() => MailgunProviderInput, { nullable: true, description: 'Mailgun.' })
  mailgun?: MailgunProviderInput | null;

  @Field(() => ResendProviderInput, { nullable: true, description: 'Resend.' })
  resend?: ResendProviderInput | null;

  @Field(() => DirectProviderInput, { nullable: true, description: 'The recipients’ own hosts.' })
  direct?: DirectProviderInput | null;
}
