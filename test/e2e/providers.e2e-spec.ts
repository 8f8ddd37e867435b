import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { type RunningPostern, runPostern, startPostern } from '../support/start-postern.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { waitFor } from '../support/wait-for.js';

const recipients = (sink: SmtpSink): string[] => sink.mails.flatMap(({ to }) => to).toSorted();

describe('providers of a mounted file', () => {
  let folder: string;
  let sinks: [SmtpSink, SmtpSink];
  let postern: RunningPostern;
  let live: PosternClient;

  const relay = (name: string, sink: SmtpSink) => ({
    name,
    kind: 'SMTP',
    settings: { host: '127.0.0.1', port: sink.port },
  });
  const to = (provider: string) => [{ providers: [{ provider }] }];

  function file(document: object): string {
    const path = join(folder, 'providers.json');
    writeFileSync(path, JSON.stringify(document));
    return path;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-providers-'));
    sinks = [await SmtpSink.start(), await SmtpSink.start()];
    const path = file({
      providers: [relay('fast', sinks[0]), relay('partner', sinks[1])],
      routes: [
        { lane: 'OTP', steps: to('fast') },
        { recipientDomain: '*.partner.test', steps: to('partner') },
      ],
    });
    postern = await startPostern({ env: { POSTERN_PROVIDERS_FILE: path } });
    const admin = new PosternClient(postern.url, postern.key);
    live = admin.at(admin.url, (await admin.createKey('LIVE')).secret);
  }, 60_000);

  afterAll(async () => {
    await postern.stop();
    await Promise.all(sinks.map((sink) => sink.close()));
    rmSync(folder, { recursive: true });
  }, 30_000);

  it('are told when the service is ready', () => {
    expect(postern.ready).toMatchObject({ relay: true, providers: ['fast', 'partner'] });
  });

  it('take the mail of their routes, by lane and by recipient domain', async () => {
    await live.accepted(mailTo('code@example.com', { lane: 'OTP' }));
    await live.accepted(mailTo('one@mx.partner.test'));
    // The recipient's domain goes before the lane.
    await live.accepted(mailTo('two@mx.partner.test', { lane: 'OTP' }));
    await Promise.all([sinks[0].taken(1), sinks[1].taken(2)]);
    expect(recipients(sinks[0])).toEqual(['code@example.com']);
    expect(recipients(sinks[1])).toEqual(['one@mx.partner.test', 'two@mx.partner.test']);
  });

  it('leave nobody waiting for a way that is not there', async () => {
    const input = mailTo('code@mx.partner.test', { cc: [{ address: 'lost@example.com' }] });
    const { message, userErrors } = await live.send(input);
    expect(message).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'PROVIDER_NOT_CONFIGURED', path: ['cc', '0', 'address'] }]);
  });

  it('that cannot be used are all told at once, before anything is started, and no value is', async () => {
    const bad = file({ providers: [{ name: 'a', kind: 'MAILGUN', settings: { apiKey: 7, domian: 'hunter2' } }] });
    const { code, stderr } = await runPostern({ POSTERN_PROVIDERS_FILE: bad });
    expect(code).toBe(78);
    expect(stderr.trim().split('\n')).toEqual([
      'POSTERN_PROVIDERS: providers[0].settings.domain must be given.',
      'POSTERN_PROVIDERS: providers[0].settings.apiKey must be a text.',
      'POSTERN_PROVIDERS: providers[0].settings.domian is not known here.',
    ]);
  });
});

const CREATE = `mutation ($input: CreateProviderInput!) {
  createProvider(input: $input) { provider { name state hasCredentials } userErrors { code message path } } }`;
const SET = `mutation ($input: SetRoutesInput!) {
  setRoutes(input: $input) { routes { version nodes { source steps { providers { provider weight } } } } userErrors { code path } } }`;

describe('a provider made by mutation', () => {
  let sinks: [SmtpSink, SmtpSink];
  let cluster: Cluster;
  let operator: PosternClient;
  let live: PosternClient;

  beforeAll(async () => {
    const auth = { user: 'postern', pass: 'open sesame' };
    sinks = [await SmtpSink.start({ tls: RELAY_TLS, auth }), await SmtpSink.start()];
    cluster = await Cluster.create({ POSTERN_ENCRYPTION_KEY: randomBytes(32).toString('base64') });
    const [api] = await cluster.start('api', 'worker');
    operator = cluster.admin(api.url);
    live = operator.at(api.url, (await operator.createKey('LIVE')).secret);
  }, 60_000);

  afterAll(async () => {
    await cluster.end();
    await Promise.all(sinks.map((sink) => sink.close()));
  }, 30_000);

  async function routeTo(provider: string): Promise<void> {
    const { routes } = await operator.get<{ routes: { version: string } }>('{ routes { version } }');
    const input = { expectedVersion: routes.version, routes: [{ steps: [{ providers: [{ provider }] }] }] };
    expect(await operator.get(SET, { input })).toMatchObject({
      setRoutes: { routes: { nodes: [{ source: 'API', steps: [{ providers: [{ provider, weight: 1 }] }] }] } },
    });
  }

  it('is sent through at once by a worker that was running before, with credentials that were stored', async () => {
    expect((await live.send(mailTo('early@example.com'))).userErrors).toMatchObject([
      { code: 'PROVIDER_NOT_CONFIGURED' },
    ]);
    const smtp = {
      host: '127.0.0.1',
      port: sinks[0].port,
      ca: TEST_CA,
      auth: { user: 'postern', password: 'open sesame' },
    };
    expect(await operator.get(CREATE, { input: { name: 'made', settings: { smtp } } })).toEqual({
      createProvider: { provider: { name: 'made', state: 'ACTIVE', hasCredentials: true }, userErrors: [] },
    });
    await routeTo('made');
    const { message } = await live.accepted(mailTo('person@example.com', { lane: 'OTP' }));
    await sinks[0].taken(1);
    await waitFor(async () => (await live.message(message.id))?.status === 'HANDED_OFF', { timeoutMs: 25_000 });
    expect(recipients(sinks[0])).toEqual(['person@example.com']);
  }, 60_000);

  it('gets its settings changed under it', async () => {
    const update = `mutation ($input: UpdateProviderInput!) {
      updateProvider(input: $input) { provider { settings { ... on SmtpProviderSettings { port tls } } } userErrors { code path } } }`;
    const smtp = { port: sinks[1].port, tls: 'OFF', auth: null, ca: null };
    expect(await operator.get(update, { input: { name: 'made', settings: { smtp } } })).toEqual({
      updateProvider: { provider: { settings: { port: sinks[1].port, tls: 'OFF' } }, userErrors: [] },
    });
    // The worker reads it a moment later: a message in between still goes the old way.
    await waitFor(async () => {
      await live.accepted(mailTo('next@example.com'));
      return sinks[1].accepted > 0;
    });
  });

  it('keeps what waits for it while it is drained, which is no attempt, and sends it as soon as it is resumed', async () => {
    const change = (mutation: string): Promise<object> => {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
      const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { provider { state } userErrors { code } } }`;
      return operator.get(query, { input: { name: 'made' } });
    };
    expect(await change('drainProvider')).toMatchObject({ drainProvider: { provider: { state: 'DRAINING' } } });
    const waiting = 'query ($id: ID) { message(id: $id) { recipients { waitingFor { kind on } attemptCount } } }';
    const { message } = await waitFor(async () => {
      // The worker reads the change a moment later: a message in between still goes.
      const sent = await live.accepted(mailTo('patient@example.com', { lane: 'OTP' }));
      const look = async (): Promise<string> =>
        JSON.stringify(
          (await live.get<{ message: { recipients: unknown[] } }>(waiting, { id: sent.message.id })).message
            .recipients[0],
        );
      const routeless = JSON.stringify({ waitingFor: { kind: 'ROUTE', on: null }, attemptCount: 0 });
      for (let tries = 0; tries < 20; tries += 1) if ((await look()) === routeless) return sent;
      return undefined;
    });
    expect(await change('resumeProvider')).toMatchObject({ resumeProvider: { provider: { state: 'ACTIVE' } } });
    await waitFor(async () => (await live.message(message.id))?.status === 'HANDED_OFF');
    expect(await live.message(message.id)).toMatchObject({ recipients: [{ attemptCount: 1 }] });
  }, 40_000);

  it('is for operators only', async () => {
    const reader = operator.at(operator.url, (await operator.createKey('LIVE', ['ADMIN'])).secret);
    for (const query of ['{ providers { name } }', '{ provider(name: "made") { name } }', '{ routes { version } }']) {
      expect((await reader.ask(query)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
    const two = { smtp: { host: 'a.test' }, resend: { apiKey: 'k' } };
    const refused = await operator.ask(CREATE, { input: { name: 'two', settings: two } });
    expect(refused.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  });
});
