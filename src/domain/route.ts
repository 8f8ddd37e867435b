import { parseDomain } from './email-address.js';
import type { Lane } from './lane.js';

/** A provider's part of the mail of a step, in proportion to the weights of the others. */
export interface WeightedProvider {
  readonly provider: string;
  readonly weight: number;
}

/** Providers that share the mail. */
export type RouteStep = readonly WeightedProvider[];

/** What a route is for: mail that has all of these; undefined takes any. */
export interface RouteMatch {
  readonly tenantId: string | undefined;
  readonly lane: Lane | undefined;
  /** A domain, or `*.` and a domain for everything below it. */
  readonly senderDomain: string | undefined;
  readonly recipientDomain: string | undefined;
}

/** The way of some of the mail. */
export interface Route extends RouteMatch {
  /** In order: a later step is for what none of the earlier ones took. */
  readonly steps: readonly RouteStep[];
}

/** What is known of a message about to take a route. Domains as they are in an EmailAddress. */
export interface RoutedMail {
  readonly tenantId: string;
  readonly lane: Lane;
  readonly senderDomain: string;
  readonly recipientDomain: string;
}

const BELOW = '*.';

/** `Example.com` or `*.Example.com` as routes keep it: lower case, A-labels. Undefined when it is neither. */
export function parseDomainPattern(text: string): string | undefined {
  const below = text.startsWith(BELOW);
  const domain = parseDomain(below ? text.slice(BELOW.length) : text);
  return domain === undefined || !below ? domain : `${BELOW}${domain}`;
}

/**
 * The more specific route first. Compared are, one after the other until there is a difference: the
 * tenant, the recipient's domain, the sender's domain, the lane. One that is given comes before one
 * that is not, an exact domain before a suffix, a longer suffix before a shorter one. Two routes
 * that match the same message and are equal in all of this are for the same mail.
 */
export function compareRoutes(a: RouteMatch, b: RouteMatch): number {
  return (
    given(b.tenantId) - given(a.tenantId) ||
    exactness(b.recipientDomain) - exactness(a.recipientDomain) ||
    exactness(b.senderDomain) - exactness(a.senderDomain) ||
    given(b.lane) - given(a.lane)
  );
}

/** The first of the routes that the mail fits; they are sorted by compareRoutes. */
export function matchRoute<R extends RouteMatch>(sorted: readonly R[], mail: RoutedMail): R | undefined {
  return sorted.find(
    (route) =>
      (route.tenantId === undefined || route.tenantId === mail.tenantId) &&
      (route.lane === undefined || route.lane === mail.lane) &&
      matchesDomain(route.recipientDomain, mail.recipientDomain) &&
      matchesDomain(route.senderDomain, mail.senderDomain),
  );
}

/** The same text for two routes that are for the same mail. */
export function matchKey({ tenantId, lane, senderDomain, recipientDomain }: RouteMatch): string {
  return JSON.stringify([tenantId ?? null, lane ?? null, senderDomain ?? null, recipientDomain ?? null]);
}

function matchesDomain(pattern: string | undefined, domain: string): boolean {
  if (pattern === undefined || pattern === domain) return true;
  return pattern.startsWith(BELOW) && domain.endsWith(pattern.slice(1));
}

function given(value: string | undefined): number {
  return value === undefined ? 0 : 1;
}

/** No domain is as long as the bonus of an exact one. */
function exactness(pattern: string | undefined): number {
  if (pattern === undefined) return 0;
  return pattern.startsWith(BELOW) ? pattern.length : 1000;
}
