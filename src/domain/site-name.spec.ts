import { describe, expect, it } from '@jest/globals';
import { siteName } from './site-name.js';

describe('siteName', () => {
  it.each([
    [['mx.example.test'], 'mx.example.test'],
    [['alt2.l.google.com', 'aspmx.l.google.com', 'alt1.l.google.com'], '(alt1|alt2|aspmx).l.google.com'],
    [['MX1.Example.test', 'mx1.example.test'], 'mx1.example.test'],
    [['mx.a.test', 'mx.b.test'], 'mx.(a|b).test'],
    [['mx.example.test', 'example.test'], 'mx?.example.test'],
    [['a.mx.example.test', 'b.mx.example.test', 'mx.example.test'], '(a|b)?.mx.example.test'],
    [['mail.example.net', 'mail.example.org'], 'mail.example.(net|org)'],
    [[], ''],
  ])('of %j is %j', (hosts, name) => {
    expect(siteName(hosts)).toBe(name);
    expect(siteName(hosts.toReversed())).toBe(name);
  });
});
