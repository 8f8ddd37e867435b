import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { ConfigError } from '../../config/load-config.js';
import { routeProblems } from '../../domain/check-routes.js';
import { NO_LIMITS, providerNameProblem, SANDBOX } from '../../domain/provider.js';
import type { Route } from '../../domain/route.js';
import { smtpSettingsFrom } from '../transports/smtp/smtp-settings.js';
import { type DocumentProblem, invalid, problemsOf } from './document-problem.js';
import { type Read, readProvider, readRoute } from './provider-document.js';
import type { Provider } from './provider.js';

/** What the configuration says; fixed while the process runs. */
export interface ConfiguredProviders {
  /** The sandbox among them. */
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  /** The way of POSTERN_SMTP_URL for everything: taken where no other route is, so that one can be made beside it. */
  readonly fallback: Route | undefined;
}

/** Injection token of the configured providers. */
export const CONFIGURED_PROVIDERS = Symbol('CONFIGURED_PROVIDERS');

const RELAY = 'smtp';

const form = z.strictObject({
  providers: z.array(z.unknown()).max(200).default([]),
  routes: z.array(z.unknown()).max(500).default([]),
});

/** Reads POSTERN_SMTP_URL and POSTERN_PROVIDERS. Throws ConfigError with all problems and no value. */
export function configuredProviders(config: Config): ConfiguredProviders {
  const relay = relayOf(config);
  const always: Provider[] = [sandboxProvider(), ...(relay === undefined ? [] : [relay])];
  const fallback = relay === undefined ? undefined : everythingTo(relay.name);
  if (config.providers === undefined) return { providers: always, routes: [], fallback };

  const problems: DocumentProblem[] = [];
  const document = parseJson(config.providers);
  const outer = form.safeParse(document);
  if (!outer.success) throw asConfigError(problemsOf(outer.error, document, []));
  const providers = outer.data.providers.map((one, i) =>
    take(readProvider(one, { id: undefined, source: 'CONFIGURATION' }, ['providers', i]), problems),
  );
  const routes = outer.data.routes.map((one, i) => take(readRoute(one, ['routes', i]), problems));
  const all = [...always, ...providers.filter((one) => one !== undefined)];
  problems.push(...nameProblems(providers, new Set(always.map(({ name }) => name))));
  // With a provider missing, what is said about routes to it would be wrong.
  if (problems.length === 0) {
    problems.push(...routeProblems(routes.filter(isThere), new Set(all.map(({ name }) => name))).map(asInvalid));
  }
  if (problems.length > 0) throw asConfigError(problems);
  return { providers: all, routes: routes.filter(isThere), fallback };
}

function sandboxProvider(): Provider {
  return {
    id: undefined,
    name: SANDBOX,
    source: 'CONFIGURATION',
    kind: 'SANDBOX',
    state: 'ACTIVE',
    limits: NO_LIMITS,
    signing: 'POSTERN',
    settings: {},
  };
}

function relayOf(config: Config): Provider | undefined {
  const given = smtpSettingsFrom(config);
  if (given === undefined) return undefined;
  const { name: _name, maxConnections: _ofTheProcess, ...settings } = given;
  return {
    id: undefined,
    name: RELAY,
    source: 'CONFIGURATION',
    kind: 'SMTP',
    state: 'ACTIVE',
    limits: NO_LIMITS,
    signing: 'POSTERN',
    settings,
  };
}

function everythingTo(provider: string): Route {
  const steps = [[{ provider, weight: 1 }]];
  return { tenantId: undefined, lane: undefined, senderDomain: undefined, recipientDomain: undefined, steps };
}

/** What does not parse is quoted in the parser's own message. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ConfigError(['POSTERN_PROVIDERS: must be JSON; see docs/providers.md.']);
  }
}

function take<T>(read: Read<T>, problems: DocumentProblem[]): T | undefined {
  if ('value' in read) return read.value;
  problems.push(...read.problems);
  return undefined;
}

function nameProblems(providers: readonly (Provider | undefined)[], taken: Set<string>): DocumentProblem[] {
  return providers.flatMap((provider, i) => {
    if (provider === undefined) return [];
    const malformed = providerNameProblem(provider.name);
    const again = taken.has(provider.name) ? 'must not be that of another provider.' : undefined;
    taken.add(provider.name);
    const problem = malformed ?? again;
    return problem === undefined ? [] : [invalid(['providers', i, 'name'], problem)];
  });
}

function asInvalid({ path, message }: Pick<DocumentProblem, 'path' | 'message'>): DocumentProblem {
  return invalid(path, message);
}

function asConfigError(problems: readonly DocumentProblem[]): ConfigError {
  return new ConfigError(problems.map(({ path, message }) => `POSTERN_PROVIDERS: ${placeOf(path)}${message}`));
}

/** `providers[0].settings.host ` */
function placeOf(path: readonly (string | number)[]): string {
  const place = path.reduce<string>((before, part) => {
    if (typeof part === 'number') return `${before}[${part}]`;
    return before === '' ? part : `${before}.${part}`;
  }, '');
  return place === '' ? '' : `${place} `;
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
