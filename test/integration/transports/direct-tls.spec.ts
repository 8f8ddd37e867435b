import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DirectTransport } from '../../../src/sending/transports/direct/direct-transport.js';
import { DnsLookup } from '../../../src/dns/dns-lookup.js';
import { HostAddresses } from '../../../src/sending/transports/direct/host-addresses.js';
import { PolicyFetcher } from '../../../src/sending/transports/direct/policy-fetcher.js';
import { OTHER_TLS, RELAY_TLS, STS_CA, STS_TLS, TEST_CA } from '../../support/tls-fixture.js';
import { DirectRig, handOver, mailZone } from './direct-rig.js';

const POLICY = 'version: STSv1\nmode: enforce\nmx: mx.sts.test\nmax_age: 86400\n';

describe('TLS of a DirectTransport', () => {
  let rig: DirectRig;

  beforeAll(async () => {
    rig = await DirectRig.start();
  });

  afterEach(() => rig.clear());
  afterAll(() => rig.stop());

  describe('without a policy', () => {
    it('is used as it is offered: nobody known signed the certificate, and it has another name', async () => {
      const sink = await rig.sink('127.0.0.2', { tls: RELAY_TLS });
      rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
      expect(await handOver(rig.transport(), 'b@to.test')).toMatchObject({ outcome: 'accepted' });
      expect(sink.commands.filter((command) => command === 'STARTTLS')).toHaveLength(1);
    });

    it('is not made stricter by a private authority', async () => {
      const sink = await rig.sink('127.0.0.2', { tls: RELAY_TLS });
      rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
      expect(await handOver(rig.transport({ ca: STS_CA }), 'b@to.test')).toMatchObject({ outcome: 'accepted' });
      expect(sink.connections).toBe(1);
    });

    it.each([
      ['breaks the handshake', 'fin'],
      ['speaks something else', { reply: '220 go ahead\r\nthis is no handshake\r\n' }],
      ['does not answer', 'hang'],
    ] as const)('is done without, on a new connection, when the host %s', async (_, fault) => {
      const server = await rig.faulty('127.0.0.2', {
        at: 'starttls',
        fault,
        extensions: ['PIPELINING', 'STARTTLS'],
        connections: 1,
      });
      rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
      const transport = rig.transport({ commandTimeoutMs: 500 });
      expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'accepted' });
      expect([server.connections, server.complete]).toEqual([2, 1]);
      // The plain connection is used again; the handshake is not tried with every mail.
      expect(await handOver(transport, 'c@to.test')).toMatchObject({ outcome: 'accepted' });
      expect(server.connections).toBe(2);
    });

    it('is demanded where the site is known to have it', async () => {
      const sink = await rig.sink('127.0.0.2', { tls: RELAY_TLS });
      rig.know(mailZone('to.test', { 'aspmx.l.google.com': '127.0.0.2' }));
      expect(await handOver(rig.transport({ ca: TEST_CA }), 'b@to.test')).toMatchObject({
        outcome: 'deferred',
        stage: 'TLS',
        reason: 'TLS',
        note: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
      expect([sink.accepted, sink.connections]).toEqual([0, 1]);
    });
  });

  describe('with an MTA-STS policy', () => {
    const servers: Server[] = [];
    let asked: string[] = [];
    let answer: (request: IncomingMessage, response: ServerResponse) => void;

    const text = (body: string): void => {
      answer = (_request, response) => response.setHeader('content-type', 'text/plain; charset=utf-8').end(body);
    };

    const know = (id: string, mx = 'mx.sts.test'): void =>
      rig.know({
        ...mailZone('sts.test', { [mx]: '127.0.0.2' }),
        '_mta-sts.sts.test': [{ name: '_mta-sts.sts.test', type: 'TXT', data: `v=STSv1; id=${id};` }],
        'mta-sts.sts.test': [{ name: 'mta-sts.sts.test', type: 'A', data: '127.0.0.1' }],
      });

    /** The web server of the domain, and a transport that looks for it there. */
    async function start(tls = STS_TLS): Promise<DirectTransport> {
      const server = createServer(tls, (request, response) => {
        asked.push(`${request.headers.host} ${request.url}`);
        answer(request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.push(server);
      return transport();
    }

    const policyPort = (): number => (servers[0]?.address() as AddressInfo | undefined)?.port ?? 1;

    function transport(): DirectTransport {
      return rig.transport({ ca: TEST_CA + STS_CA }, { policyPort: policyPort() });
    }

    async function closeServers(): Promise<void> {
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    }

    afterEach(async () => {
      asked = [];
      await closeServers();
    });

    const DEFERRED = { outcome: 'deferred', reason: 'TLS' };

    it('is verified, and the policy is fetched once', async () => {
      const sink = await rig.sink('127.0.0.2', { tls: STS_TLS });
      know('1');
      text(POLICY);
      const direct = await start();
      await Promise.all(['a@sts.test', 'b@sts.test', 'c@sts.test'].map((to) => handOver(direct, to)));
      expect(sink.accepted).toBe(3);
      expect(sink.commands.filter((command) => command === 'STARTTLS')).toHaveLength(sink.connections);
      expect(asked).toEqual([expect.stringMatching(/^mta-sts\.sts\.test(?::\d+)? \/\.well-known\/mta-sts\.txt$/)]);
    });

    it.each([
      ['a certificate in another name', { tls: OTHER_TLS }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
      ['no TLS', {}, expect.any(String)],
    ])('defers the mail when the host has %s', async (_, options, note) => {
      const sink = await rig.sink('127.0.0.2', options);
      know('1');
      text(POLICY);
      expect(await handOver(await start(), 'b@sts.test')).toMatchObject({ ...DEFERRED, stage: 'TLS', note });
      expect(sink.accepted).toBe(0);
    });

    it('defers the mail when the host is not the one it names, and does not call it', async () => {
      const sink = await rig.sink('127.0.0.2', { tls: STS_TLS });
      know('1', 'mx.evil.test');
      text(POLICY);
      expect(await handOver(await start(), 'b@sts.test')).toMatchObject({ ...DEFERRED, stage: 'CONNECT' });
      expect(sink.connections).toBe(0);
    });

    it('does not use a connection whose certificate was not looked at', async () => {
      const sink = await rig.sink('127.0.0.2', { tls: OTHER_TLS });
      know('1');
      rig.know(mailZone('plain.test', { 'mx.sts.test': '127.0.0.2' }));
      text(POLICY);
      const direct = await start();
      expect(await handOver(direct, 'b@plain.test')).toMatchObject({ outcome: 'accepted' });
      expect(await handOver(direct, 'b@sts.test')).toMatchObject(DEFERRED);
      expect(sink.accepted).toBe(1);
    });

    it.each(['testing', 'none'])('in mode %s demands nothing', async (mode) => {
      const sink = await rig.sink('127.0.0.2', {});
      know('1', 'mx.other.test');
      text(POLICY.replace('enforce', mode));
      expect(await handOver(await start(), 'b@sts.test')).toMatchObject({ outcome: 'accepted' });
      expect([sink.accepted, asked.length]).toEqual([1, 1]);
    });

    it('holds after a restart, although neither the record nor the web server is there any more', async () => {
      const sink = await rig.sink('127.0.0.2', { tls: OTHER_TLS });
      know('1');
      text(POLICY);
      const before = await start();
      expect(await handOver(before, 'b@sts.test')).toMatchObject(DEFERRED);
      await before.close();
      await closeServers();
      rig.know({ '_mta-sts.sts.test': [] });
      expect(await handOver(transport(), 'b@sts.test')).toMatchObject(DEFERRED);
      expect(sink.accepted).toBe(0);
    });

    it('is fetched again when the id has changed, and the old one holds while that fails', async () => {
      await rig.sink('127.0.0.2', { tls: OTHER_TLS });
      know('1');
      text(POLICY);
      expect(await handOver(await start(), 'b@sts.test')).toMatchObject(DEFERRED);
      expect(await handOver(transport(), 'b@sts.test')).toMatchObject(DEFERRED);
      expect(asked).toHaveLength(1);

      know('2');
      answer = (_request, response) => response.writeHead(500).end();
      expect(await handOver(transport(), 'b@sts.test')).toMatchObject(DEFERRED);
      expect(asked).toHaveLength(2);

      text(POLICY.replace('enforce', 'none'));
      expect(await handOver(transport(), 'b@sts.test')).toMatchObject({ outcome: 'accepted' });
      expect(asked).toHaveLength(3);
    });

    it('is fetched again after a day, and is nothing once it has run out', async () => {
      await rig.sink('127.0.0.2', { tls: OTHER_TLS });
      know('1');
      text(POLICY);
      expect(await handOver(await start(), 'b@sts.test')).toMatchObject(DEFERRED);
      answer = (_request, response) => response.writeHead(404).end();
      await rig.pools.main.query(`update mta_sts_policy set fetched_at = now() - interval '25 hours'`);
      expect(await handOver(transport(), 'b@sts.test')).toMatchObject(DEFERRED);
      expect(asked).toHaveLength(2);
      await rig.pools.main.query(`update mta_sts_policy set expires_at = now() - interval '1 second'`);
      expect(await handOver(transport(), 'b@sts.test')).toMatchObject({ outcome: 'accepted' });
    });

    it('is not known while the database is away: the mail waits', async () => {
      const sink = await rig.sink('127.0.0.2');
      know('1');
      await rig.pools.main.query('alter table mta_sts_policy rename to mta_sts_policy_away');
      const result = await handOver(transport(), 'b@sts.test');
      await rig.pools.main.query('alter table mta_sts_policy_away rename to mta_sts_policy');
      expect(result).toMatchObject({ outcome: 'deferred', stage: 'CONNECT' });
      expect(sink.connections).toBe(0);
    });

    describe('that cannot be had is none', () => {
      it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
        ['a redirect', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
        ['404', (_, response) => response.writeHead(404, { 'content-type': 'text/plain' }).end(POLICY)],
        ['another media type', (_, response) => response.setHeader('content-type', 'text/html').end(POLICY)],
        ['no media type', (_, response) => response.end(POLICY)],
        [
          'too much',
          (_, response) => response.setHeader('content-type', 'text/plain').end(POLICY + 'x: y\n'.repeat(20_000)),
        ],
        [
          'half an answer',
          (_, response) => {
            response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '1000' }).write(POLICY);
            setTimeout(() => response.destroy(), 20);
          },
        ],
        ['no policy', (_, response) => response.setHeader('content-type', 'text/plain').end('mode: enforce\n')],
      ])('(%s), and is not asked for with every mail', async (_, behave) => {
        await rig.sink('127.0.0.2', { tls: OTHER_TLS });
        know('1');
        answer = behave;
        const direct = await start();
        expect(await handOver(direct, 'b@sts.test')).toMatchObject({ outcome: 'accepted' });
        expect(await handOver(direct, 'b@sts.test')).toMatchObject({ outcome: 'accepted' });
        expect(asked).toHaveLength(1);
      });

      it('(a web server on a private address, as strangers choose its name)', async () => {
        know('1');
        text(POLICY);
        await start();
        const secureContext = createSecureContext({ ca: STS_CA });
        const dns = new DnsLookup({ dnsServers: [rig.dns.address] });
        const fetcher = (allowPrivateTargets: boolean): PolicyFetcher => {
          const settings = { addressFamily: 'ipv4', allowPrivateTargets, sourceAddresses: [] } as const;
          return new PolicyFetcher(new HostAddresses(dns, settings, () => 0), secureContext, policyPort());
        };
        expect(await fetcher(false).fetch('sts.test')).toBeUndefined();
        expect(asked).toEqual([]);
        expect(await fetcher(true).fetch('sts.test')).toMatchObject({ mode: 'enforce' });
      });

      it('(a web server with a certificate in another name)', async () => {
        await rig.sink('127.0.0.2', { tls: OTHER_TLS });
        know('1');
        text(POLICY);
        expect(await handOver(await start(OTHER_TLS), 'b@sts.test')).toMatchObject({ outcome: 'accepted' });
        expect(asked).toEqual([]);
      });
    });
  });
});
