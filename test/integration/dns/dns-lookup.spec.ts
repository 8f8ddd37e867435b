import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DnsLookup } from '../../../src/dns/dns-lookup.js';
import { DnsServer } from '../../support/dns-server.js';

describe('DnsLookup', () => {
  let server: DnsServer;
  let dns: DnsLookup;

  beforeAll(async () => {
    server = await DnsServer.start({
      'example.test': [
        { name: 'example.test', type: 'MX', data: { exchange: 'B.example.test', preference: 20 } },
        { name: 'example.test', type: 'MX', data: { exchange: 'a.example.test', preference: 10 } },
        { name: 'example.test', type: 'TXT', data: ['v=spf1 ', 'include:x.test -all'] },
      ],
      'a.example.test': [{ name: 'a.example.test', type: 'A', data: '192.0.2.1' }],
      'six.example.test': [{ name: 'six.example.test', type: 'AAAA', data: '2001:db8::1' }],
      'alias.example.test': [{ name: 'alias.example.test', type: 'CNAME', data: 'a.example.test' }],
    });
    server.fail('broken.test');
    server.keepSilent('silent.test');
    dns = new DnsLookup({ dnsServers: [server.address] });
  });

  afterAll(() => server.close());

  it('gives exchangers in the order of their preference, in lower case', async () => {
    expect(await dns.mx('example.test')).toEqual({
      kind: 'found',
      records: [
        { host: 'a.example.test', preference: 10 },
        { host: 'b.example.test', preference: 20 },
      ],
    });
  });

  it('joins the strings of a text record', async () => {
    expect(await dns.txt('example.test')).toEqual({ kind: 'found', records: ['v=spf1 include:x.test -all'] });
  });

  it('gives addresses of both families and aliases', async () => {
    expect(await dns.ipv4('a.example.test')).toEqual({ kind: 'found', records: ['192.0.2.1'] });
    expect(await dns.ipv6('six.example.test')).toEqual({ kind: 'found', records: ['2001:db8::1'] });
    expect(await dns.cname('alias.example.test')).toEqual({ kind: 'found', records: ['a.example.test'] });
  });

  it('tells a name without such a record from a name that does not exist', async () => {
    expect(await dns.txt('a.example.test')).toEqual({ kind: 'none', nameExists: true });
    expect(await dns.mx('nowhere.test')).toEqual({ kind: 'none', nameExists: false });
  });

  it('never takes a failure for an answer', async () => {
    expect(await dns.mx('broken.test')).toEqual({ kind: 'failed', code: 'ESERVFAIL' });
    expect(await dns.mx('silent.test')).toEqual({ kind: 'failed', code: 'ETIMEOUT' });
  });
});
