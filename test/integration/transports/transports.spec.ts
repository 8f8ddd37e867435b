import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { configSchema } from '../../../src/config/config.js';
import { chooseProviders } from '../../../src/domain/choose-providers.js';
import { NO_LIMITS } from '../../../src/domain/provider.js';
import { compareRoutes, matchRoute, type Route } from '../../../src/domain/route.js';
import { WayFinder } from '../../../src/sending/delivery/way-finder.js';
import type { ProviderDirectory } from '../../../src/sending/providers/provider-directory.js';
import { readProvider } from '../../../src/sending/providers/provider-document.js';
import type { Provider } from '../../../src/sending/providers/provider.js';
import type { SandboxMailRepository } from '../../../src/sending/transports/sandbox/sandbox-mail.repository.js';
import type { DirectResources } from '../../../src/sending/transports/direct/direct-resources.js';
import { SandboxTransport } from '../../../src/sending/transports/sandbox/sandbox-transport.js';
import { Transports } from '../../../src/sending/transports/transports.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';
import { SmtpSink } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';

const RAW = outgoing(Buffer.from('Subject: x\r\n\r\ntext\r\n'));
const MAIL = {
  sandbox: false,
  recipientDomain: 'to.test',
  tenantId: 't',
  lane: 'OTP',
  senderDomain: 'from.test',
  only: undefined,
} as const;

const SANDBOX: Provider = {
  id: undefined,
  name: 'sandbox',
  source: 'CONFIGURATION',
  kind: 'SANDBOX',
  state: 'ACTIVE',
  limits: NO_LIMITS,
  signing: 'POSTERN',
  settings: {},
};

function provider(name: string, kind: string, settings: object, more: object = {}): Provider {
  const read = readProvider({ name, kind, settings, ...more }, { id: undefined, source: 'API' }, []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

/** Providers that a test changes at will. */
class Directory {
  readonly all = new Map([[SANDBOX.name, SANDBOX]]);
  routes: Route[] = [];
  #listener: () => void = () => undefined;

  onChange(listener: () => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }

  set(...providers: Provider[]): void {
    for (const one of providers) this.all.set(one.name, one);
    this.#listener();
  }

  remove(name: string): void {
    this.all.delete(name);
    this.#listener();
  }

  provider(name: string): Provider | undefined {
    return this.all.get(name);
  }

  reload(): Promise<void> {
    return Promise.resolve();
  }

  routeFor(mail: Parameters<ProviderDirectory['routeFor']>[0]): Route | undefined {
    return matchRoute(this.routes.toSorted(compareRoutes), mail);
  }
}

describe('Transports', () => {
  let directory: Directory;
  let transports: Transports;
  let finder: WayFinder;
  let sinks: SmtpSink[];

  beforeEach(() => {
    directory = new Directory();
    sinks = [];
    const sandbox = new SandboxTransport({} as SandboxMailRepository, { smtpConnections: 5 });
    transports = new Transports(
      directory as unknown as ProviderDirectory,
      sandbox,
      {} as DirectResources,
      configSchema.parse({}),
    );
    transports.onModuleInit();
    finder = new WayFinder(directory as unknown as ProviderDirectory, transports);
  });
  afterEach(async () => {
    await transports.close();
    await Promise.all(sinks.map((sink) => sink.close()));
  });

  async function sink(options = {}): Promise<SmtpSink> {
    const started = await SmtpSink.start(options);
    sinks.push(started);
    return started;
  }

  const to = ({ port }: SmtpSink, more: object = {}) => provider('relay', 'SMTP', { host: '127.0.0.1', port, ...more });

  function routeTo(...steps: string[][]): Route {
    return {
      tenantId: undefined,
      lane: undefined,
      senderDomain: undefined,
      recipientDomain: undefined,
      steps: steps.map((step) => step.map((name) => ({ provider: name, weight: 1 }))),
    };
  }

  const handOver = async (): Promise<string | undefined> =>
    (await transports.transport('relay')?.handOver(testEnvelope(), RAW))?.outcome;

  it('open at their first use, and stay the same for their users when settings change', async () => {
    const [first, second] = [await sink(), await sink()];
    directory.set(to(first));
    expect(first.connections).toBe(0);
    const held = transports.transport('relay');
    expect(await held?.handOver(testEnvelope(), RAW)).toMatchObject({ outcome: 'accepted' });
    directory.set(to(second));
    expect(await held?.handOver(testEnvelope(), RAW)).toMatchObject({ outcome: 'accepted' });
    expect(transports.transport('relay')).toBe(held);
    expect([first.accepted, second.accepted]).toEqual([1, 1]);
    await waitFor(() => first.open === 0);
  });

  it('keep their connections when nothing they are made of changes', async () => {
    const relay = await sink();
    directory.set(to(relay));
    await handOver();
    directory.set({ ...to(relay), state: 'DRAINING' });
    await handOver();
    expect([relay.accepted, relay.connections]).toEqual([2, 1]);
  });

  it('finish with the old settings what is under way and what waits for a connection', async () => {
    const [slow, other] = [await sink({ delayMs: 100 }), await sink()];
    directory.set({ ...to(slow), limits: { ...NO_LIMITS, maxConnections: 1 } });
    const under = [handOver(), handOver(), handOver()];
    await waitFor(() => slow.open === 1);
    directory.set(to(other));
    expect(await handOver()).toBe('accepted');
    expect(await Promise.all(under)).toEqual(['accepted', 'accepted', 'accepted']);
    expect([slow.accepted, other.accepted]).toEqual([3, 1]);
    await waitFor(() => slow.open === 0);
  });

  it('end with their provider, and begin anew with one of the same name', async () => {
    const relay = await sink();
    directory.set(to(relay));
    const held = transports.transport('relay');
    await handOver();
    directory.remove('relay');
    expect(transports.transport('relay')).toBeUndefined();
    await waitFor(() => relay.open === 0);
    expect(await held?.handOver(testEnvelope(), RAW)).toMatchObject({ outcome: 'deferred', stage: 'CONNECT' });
    directory.set(to(relay));
    expect(await handOver()).toBe('accepted');
  });

  const pick = async (mail: Parameters<WayFinder['find']>[0]): Promise<string[]> =>
    (await finder.find(mail)).map((way) => way.provider.name);

  it('take mail of test keys and of the magic domain into the sandbox, and nothing else', async () => {
    directory.set(provider('relay', 'SMTP', { host: 'relay.test' }));
    directory.routes = [routeTo(['relay'])];
    expect((await pick({ ...MAIL, key: 'k', sandbox: true }))[0]).toBe('sandbox');
    expect((await pick({ ...MAIL, key: 'k', recipientDomain: 'postern.test' }))[0]).toBe('sandbox');
    expect((await pick({ ...MAIL, key: 'k' }))[0]).toBe('relay');
    directory.routes = [];
    expect(await pick({ ...MAIL, key: 'k' })).toEqual([]);
    expect((await pick({ ...MAIL, key: 'k', recipientDomain: 'postern.test' }))[0]).toBe('sandbox');
  });

  it('that cannot be opened are told once, and others take their mail', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const settings = { domain: 'a.test', apiKey: 'key', baseUrl: 'nowhere' };
    const pigeons = { ...provider('pigeons', 'SMTP', { host: 'a.test' }), kind: 'MAILGUN', settings } as Provider;
    directory.set(pigeons, provider('b', 'SMTP', { host: 'b.test' }));
    directory.routes = [routeTo(['pigeons'], ['b'])];
    for (const key of ['1', '2', '3']) expect((await pick({ ...MAIL, key }))[0]).toBe('b');
    expect(errors).toHaveBeenCalledTimes(1);
    errors.mockRestore();
  });

  it('are picked as the route draws, past those that are drained or gone', async () => {
    const smtp = (name: string, more = {}): Provider => provider(name, 'SMTP', { host: `${name}.test` }, more);
    directory.set(smtp('a'), smtp('b'), smtp('c'));
    directory.routes = [routeTo(['a', 'b'], ['c'])];
    const keys = Array.from({ length: 50 }, (_, i) => `message-${i}`);
    for (const key of keys) {
      expect((await pick({ ...MAIL, key }))[0]).toBe(chooseProviders(routeTo(['a', 'b']), key)[0]);
    }
    directory.set(smtp('a', { state: 'DRAINING' }));
    const firsts = await Promise.all(keys.map(async (key) => (await pick({ ...MAIL, key }))[0]));
    expect(new Set(firsts)).toEqual(new Set(['b']));
    directory.remove('b');
    expect((await pick({ ...MAIL, key: 'k' }))[0]).toBe('c');
    directory.set(smtp('c', { state: 'DRAINING' }));
    expect(await pick({ ...MAIL, key: 'k' })).toEqual([]);
  });
});
