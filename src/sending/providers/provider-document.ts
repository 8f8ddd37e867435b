import { z } from 'zod';
import { LANES } from '../../domain/lane.js';
import { decodeId } from '../../domain/opaque-id.js';
import { defaultSigner, NO_LIMITS, PROVIDER_KINDS, PROVIDER_STATES, SIGNERS } from '../../domain/provider.js';
import { type Route, parseDomainPattern } from '../../domain/route.js';
import { type DocumentProblem, problemsOf } from './document-problem.js';
import type { Provider } from './provider.js';
import { PROVIDER_SETTINGS } from './provider-settings.js';
import { wholeNumber } from './settings-forms.js';

/** What a document says, or everything that is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly problems: readonly DocumentProblem[] };

type Path = readonly (string | number)[];

const LARGEST_LIMIT = 1_000_000_000;

const limitsForm = z
  .strictObject({
    maxConnections: wholeNumber(1, 10_000).optional(),
    perSecond: z.number().min(0.001).max(100_000).optional(),
    burst: wholeNumber(1, 1_000_000).optional(),
    perDay: wholeNumber(1, LARGEST_LIMIT).optional(),
  })
  .refine(({ burst, perSecond }) => burst === undefined || perSecond !== undefined, {
    path: ['burst'],
    message: 'must come with perSecond.',
  })
  .transform((given) => ({ ...NO_LIMITS, ...given }));

const providerForm = z.strictObject({
  name: z.string(),
  kind: z.enum(PROVIDER_KINDS).exclude(['SANDBOX']),
  state: z.enum(PROVIDER_STATES).default('ACTIVE'),
  limits: limitsForm.default(NO_LIMITS),
  signing: z.enum(SIGNERS).optional(),
  settings: z.unknown().optional(),
});

/** A provider as it is written in a file or kept in the database, its credentials put back. */
export function readProvider(document: unknown, from: Pick<Provider, 'id' | 'source'>, at: Path): Read<Provider> {
  const outer = providerForm.safeParse(document);
  const problems = outer.success ? [] : [...problemsOf(outer.error, document, at)];
  const kind = providerForm.shape.kind.safeParse(fieldOf(document, 'kind'));
  if (!kind.success) return { problems };
  const given = fieldOf(document, 'settings') ?? {};
  const settings = PROVIDER_SETTINGS[kind.data].safeParse(given);
  if (!settings.success) problems.push(...problemsOf(settings.error, given, [...at, 'settings']));
  if (!outer.success || !settings.success) return { problems };
  const { signing = defaultSigner(kind.data), ...common } = outer.data;
  // The settings are those of the kind: the schema was chosen by it.
  return { value: { ...from, ...common, signing, settings: settings.data } as Provider };
}

const domainPattern = z.string().transform((text, context) => {
  const pattern = parseDomainPattern(text);
  if (pattern !== undefined) return pattern;
  context.addIssue({
    code: 'custom',
    message: 'must be a domain such as example.com, or *.example.com for those below it.',
  });
  return z.NEVER;
});

const tenant = z.string().transform((id, context) => {
  const uuid = decodeId('tnt', id);
  if (uuid !== undefined) return uuid;
  context.addIssue({ code: 'custom', message: 'must be the id of a tenant.' });
  return z.NEVER;
});

const stepForm = z
  .strictObject({
    providers: z
      .array(z.strictObject({ provider: z.string(), weight: wholeNumber(1, 1000).default(1) }))
      .min(1)
      .max(20),
  })
  .transform(({ providers }) => providers);

const routeForm = z
  .strictObject({
    tenantId: tenant.optional(),
    lane: z.enum(LANES).optional(),
    senderDomain: domainPattern.optional(),
    recipientDomain: domainPattern.optional(),
    steps: z.array(stepForm).min(1).max(10),
  })
  .transform((given): Route => ({
    tenantId: given.tenantId,
    lane: given.lane,
    senderDomain: given.senderDomain,
    recipientDomain: given.recipientDomain,
    steps: given.steps,
  }));

/** A route as it is written in a file or a mutation, or kept in the database. */
export function readRoute(document: unknown, at: Path): Read<Route> {
  const read = routeForm.safeParse(document);
  return read.success ? { value: read.data } : { problems: problemsOf(read.error, document, at) };
}

function fieldOf(document: unknown, name: string): unknown {
  return typeof document === 'object' && document !== null ? Reflect.get(document, name) : undefined;
}
