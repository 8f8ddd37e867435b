/** What there is to hand mail over to: relays, provider APIs, the recipients' own hosts, or our inbox. */
export const PROVIDER_KINDS = ['SMTP', 'SES', 'MAILGUN', 'RESEND', 'DIRECT', 'SANDBOX'] as const;

export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** A kind of which there can be any number; the sandbox is one and always there. */
export type MadeKind = Exclude<ProviderKind, 'SANDBOX'>;

/** DRAINING takes no new mail; what waits for it takes another way or goes on waiting. */
export const PROVIDER_STATES = ['ACTIVE', 'DRAINING'] as const;

export type ProviderState = (typeof PROVIDER_STATES)[number];

/** Who makes the DKIM signature. */
export const SIGNERS = ['POSTERN', 'PROVIDER'] as const;

export type Signer = (typeof SIGNERS)[number];

/** Where it was made: what the configuration says can only be changed there. */
export type ProviderSource = 'CONFIGURATION' | 'API';

/** How much a provider takes; what is undefined is not limited. */
export interface ProviderLimits {
  readonly maxConnections: number | undefined;
  readonly perSecond: number | undefined;
  /** Messages that may go at once after a pause. */
  readonly burst: number | undefined;
  readonly perDay: number | undefined;
}

export const NO_LIMITS: ProviderLimits = {
  maxConnections: undefined,
  perSecond: undefined,
  burst: undefined,
  perDay: undefined,
};

/** The provider that mail of test keys takes. */
export const SANDBOX = 'sandbox';

const NAME = /^[a-z0-9-]{1,40}$/;

/** What is wrong with the name of a provider to be made, or undefined. Names are recorded with each attempt. */
export function providerNameProblem(name: string): string | undefined {
  if (!NAME.test(name)) return 'must be 1 to 40 lower-case letters, digits and hyphens.';
  return name === SANDBOX ? 'must not be "sandbox": that one is always there.' : undefined;
}

/** These providers sign what they send; a second signature of ours would be bytes without use. */
const SIGNING_KINDS: ReadonlySet<ProviderKind> = new Set(['SES', 'MAILGUN', 'RESEND']);

export function defaultSigner(kind: ProviderKind): Signer {
  return SIGNING_KINDS.has(kind) ? 'PROVIDER' : 'POSTERN';
}
