import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LANES } from './lane.js';
import { compareRoutes, matchKey, matchRoute, parseDomainPattern, type RouteMatch, type RoutedMail } from './route.js';

const ANY: RouteMatch = { tenantId: undefined, lane: undefined, senderDomain: undefined, recipientDomain: undefined };
const MAIL: RoutedMail = { tenantId: 't', lane: 'OTP', senderDomain: 'shop.test', recipientDomain: 'mx.a.test' };

const domains = fc.constantFrom('a.test', 'mx.a.test', 'b.mx.a.test', 'shop.test');
const patterns = fc.option(
  domains.chain((domain) => fc.constantFrom(domain, `*.${domain}`)),
  { nil: undefined },
);
const matches: fc.Arbitrary<RouteMatch> = fc.record({
  tenantId: fc.option(fc.constantFrom('t', 'u'), { nil: undefined }),
  lane: fc.option(fc.constantFrom(...LANES), { nil: undefined }),
  senderDomain: patterns,
  recipientDomain: patterns,
});
const mails: fc.Arbitrary<RoutedMail> = fc.record({
  tenantId: fc.constantFrom('t', 'u', 'v'),
  lane: fc.constantFrom(...LANES),
  senderDomain: domains,
  recipientDomain: domains,
});

describe('a domain pattern', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['*.Example.com', '*.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('%s is kept as %s', (text, kept) => {
    expect(parseDomainPattern(text)).toBe(kept);
  });

  it.each([
    '',
    '*',
    '*.',
    '*.com.',
    'a',
    '*.*.example.com',
    'a*.example.com',
    '.example.com',
    'a@example.com',
    'a b.c',
  ])('%j is none', (text) => {
    expect(parseDomainPattern(text)).toBeUndefined();
  });
});

describe('matchRoute', () => {
  const best = (...routes: Partial<RouteMatch>[]): Partial<RouteMatch> | undefined =>
    matchRoute(routes.map((route) => ({ ...ANY, ...route })).toSorted(compareRoutes), MAIL);

  it('takes a suffix for everything below it, and nothing else', () => {
    const to = (recipientDomain: string): RouteMatch | undefined =>
      matchRoute([{ ...ANY, recipientDomain: '*.a.test' }], { ...MAIL, recipientDomain });
    expect(to('mx.a.test')).toBeDefined();
    expect(to('x.mx.a.test')).toBeDefined();
    expect(to('a.test')).toBeUndefined();
    expect(to('aa.test')).toBeUndefined();
  });

  it('has no route for what none fits', () => {
    expect(best({ lane: 'BULK' }, { tenantId: 'u' })).toBeUndefined();
  });

  it.each<[string, Partial<RouteMatch>, Partial<RouteMatch>]>([
    [
      'the tenant before any domain',
      { tenantId: 't' },
      { recipientDomain: 'mx.a.test', senderDomain: 'shop.test', lane: 'OTP' },
    ],
    ['the recipient before the sender', { recipientDomain: '*.test' }, { senderDomain: 'shop.test', lane: 'OTP' }],
    ['the sender before the lane', { senderDomain: '*.test' }, { lane: 'OTP' }],
    ['the lane before nothing', { lane: 'OTP' }, {}],
    ['an exact domain before a suffix', { recipientDomain: 'mx.a.test' }, { recipientDomain: '*.a.test', lane: 'OTP' }],
    [
      'the longer suffix before the shorter',
      { recipientDomain: '*.a.test' },
      { recipientDomain: '*.test', lane: 'OTP' },
    ],
    ['what is the same and more besides', { tenantId: 't', lane: 'OTP' }, { tenantId: 't' }],
  ])('prefers %s', (_what, first, second) => {
    expect(best(second, first)).toMatchObject(first);
    expect(best(first, second)).toMatchObject(first);
  });

  it('never leaves the choice to the order of the list, unless two routes are for the same mail', () => {
    const lists = fc
      .array(matches, { maxLength: 12 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(lists, mails, ([routes, shuffled], mail) => {
        const one = matchRoute(routes.toSorted(compareRoutes), mail);
        const other = matchRoute(shuffled.toSorted(compareRoutes), mail);
        expect(one && matchKey(one)).toEqual(other && matchKey(other));
      }),
    );
  });

  it('finds one whenever one fits, and it fits', () => {
    fc.assert(
      fc.property(fc.array(matches, { maxLength: 12 }), mails, (routes, mail) => {
        const fitting = routes.filter((route) => matchRoute([route], mail) !== undefined);
        const found = matchRoute(routes.toSorted(compareRoutes), mail);
        if (fitting.length === 0) expect(found).toBeUndefined();
        else expect(fitting).toContain(found);
      }),
    );
  });
});
