import { z } from 'zod';
import { settingsProblem } from '../transports/direct/direct-settings.js';
import { parseDomain } from '../../domain/email-address.js';
import type { ProviderKind } from '../../domain/provider.js';
import { certificates, ipAddress, line, secureUrl, wholeNumber } from './settings-forms.js';
import { smtpProviderSettings } from './smtp-provider-settings.js';

const SECRET = line(4096);

const sesSettings = z
  .strictObject({
    region: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a region such as eu-central-1.'),
    endpoint: secureUrl.optional(),
    accessKeyId: line(128).optional(),
    secretAccessKey: SECRET.optional(),
    sessionToken: SECRET.optional(),
    configurationSet: line(64).optional(),
    snsTopicArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, 'must be the ARN of a topic of Amazon SNS.')
      .optional(),
  })
  .superRefine(({ accessKeyId, secretAccessKey, sessionToken }, context) => {
    const missing = (field: string): void =>
      context.addIssue({ code: 'custom', path: [field], message: 'must be given.' });
    const any = [accessKeyId, secretAccessKey, sessionToken].some((one) => one !== undefined);
    if (any && accessKeyId === undefined) missing('accessKeyId');
    if (any && secretAccessKey === undefined) missing('secretAccessKey');
  });

const mailgunSettings = z.strictObject({
  domain: line(253),
  apiKey: SECRET,
  baseUrl: secureUrl.default('https://api.mailgun.net'),
  webhookSigningKey: SECRET.optional(),
});

const resendSettings = z.strictObject({
  apiKey: SECRET,
  baseUrl: secureUrl.default('https://api.resend.com'),
  webhookSecret: z
    .string()
    .regex(
      /^whsec_(?:[A-Za-z0-9+/]{4}){4,64}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
      'must be a secret that begins with whsec_.',
    )
    .optional(),
});

const time = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-31T00:00:00Z.' })
  .transform((text) => new Date(text));

const directSettings = z
  .strictObject({
    ehloName: z
      .string()
      .refine((text) => parseDomain(text) === text.toLowerCase(), 'must be the full name of this host.'),
    sourceAddresses: z
      .array(z.strictObject({ address: ipAddress, warmUpSince: time.optional() }))
      .max(64)
      .default([]),
    addressFamily: z.enum(['any', 'ipv4', 'ipv6', 'prefer-ipv4', 'prefer-ipv6']).default('any'),
    allowPrivateTargets: z.boolean().default(false),
    port: wholeNumber(1, 65_535).default(25),
    ca: certificates.optional(),
  })
  .superRefine((settings, context) => {
    const problem = settingsProblem(settings);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['sourceAddresses'], message: `${problem}.` });
  });

/** What a provider of each kind is told, the same in a file and in a mutation. Nothing else is taken. */
export const PROVIDER_SETTINGS = {
  SMTP: smtpProviderSettings,
  SES: sesSettings,
  MAILGUN: mailgunSettings,
  RESEND: resendSettings,
  DIRECT: directSettings,
  SANDBOX: z.strictObject({}),
} as const satisfies Record<ProviderKind, z.ZodType>;

/** Settings with every default filled in, and with the credentials. */
export type ProviderSettings<K extends ProviderKind = ProviderKind> = z.output<(typeof PROVIDER_SETTINGS)[K]>;
