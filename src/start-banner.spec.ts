import { describe, expect, it } from '@jest/globals';
import { type ReadyFacts, readyLine, startBanner } from './start-banner.js';

const KEY = 'pst_test_abc';
const FACTS: ReadyFacts = {
  version: '1.2.3',
  config: {
    role: 'all',
    host: '127.0.0.1',
    dataDir: './.postern',
    databaseUrl: undefined,
    explorer: true,
  },
  providers: [],
  port: 3025,
  testKey: KEY,
  credentials: '.postern/credentials',
  startedInMs: 1234,
};
const external = { databaseUrl: 'postgres://me:hunter2@db/postern' };

describe('readyLine', () => {
  it('is one line of JSON with the addresses and the key', () => {
    const line = readyLine(FACTS);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({
      event: 'ready',
      graphql: 'http://127.0.0.1:3025/graphql',
      websocket: 'ws://127.0.0.1:3025/graphql',
      stream: 'http://127.0.0.1:3025/graphql/stream',
      explorer: 'http://127.0.0.1:3025/graphiql',
      database: 'embedded',
      testKey: KEY,
    });
  });

  it('has neither key nor password on a later start on real parts', () => {
    const config = { ...FACTS.config, ...external };
    const line = readyLine({ ...FACTS, config, providers: ['smtp'], testKey: undefined });
    expect(JSON.parse(line)).toMatchObject({ database: 'external', relay: true, providers: ['smtp'] });
    expect(line).not.toMatch(/hunter2|pst_test/);
  });

  it('offers no GraphQL from a worker', () => {
    expect(readyLine({ ...FACTS, config: { ...FACTS.config, role: 'worker' } })).not.toContain('graphql');
  });

  it('names an address that can be opened when it listens on all', () => {
    const on = (host: string): string => readyLine({ ...FACTS, config: { ...FACTS.config, host } });
    expect(on('0.0.0.0')).toContain('http://localhost:3025/graphql');
    expect(on('::1')).toContain('http://[::1]:3025/graphql');
  });
});

describe('startBanner', () => {
  it('has examples whose bodies are JSON in single quotes', () => {
    const bodies = [...startBanner(FACTS).matchAll(/-d '([^']+)'/g)].map(
      (match) => JSON.parse(match[1] ?? '') as unknown,
    );
    expect(bodies).toMatchObject([
      { query: expect.stringContaining('subscription') },
      { variables: { input: { to: [{ address: 'delivered@postern.test' }] } } },
    ]);
  });

  it('shows the key once and afterwards where it is', () => {
    expect(startBanner(FACTS)).toContain(`Bearer ${KEY}'`);
    const later = startBanner({ ...FACTS, testKey: undefined });
    expect(later).toContain(`"authorization: Bearer $(cat '.postern/credentials')"`);
    expect(later).not.toContain(KEY);
    expect(startBanner({ ...FACTS, testKey: undefined, credentials: undefined })).toContain('$POSTERN_KEY');
  });

  it('never shows a password', () => {
    expect(startBanner({ ...FACTS, config: { ...FACTS.config, ...external } })).not.toContain('hunter2');
  });

  it('is short for a worker', () => {
    const banner = startBanner({ ...FACTS, config: { ...FACTS.config, role: 'worker' } });
    expect(banner).toContain('/readyz');
    expect(banner).not.toContain('curl');
  });
});
