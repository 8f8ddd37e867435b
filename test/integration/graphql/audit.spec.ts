import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { type EdgeApp, startEdge } from './edge-app.js';

let edge: EdgeApp;

// The audit asks for the introspection of a type, so the explorer is on.
beforeAll(async () => {
  edge = await startEdge({ explorer: true });
});

afterAll(async () => {
  await edge.app.close();
});

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => `${edge.url}/graphql`, fetchFn: fetch });

  it('is audited', () => {
    expect(audits.length).toBeGreaterThan(50);
  });

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (_id, name, audit) => {
    const result = await audit.fn();
    // A notice is a MAY; most of ours are the protection from cross-site requests.
    if (result.status !== 'ok' && result.status !== 'notice') {
      throw new Error(
        `${result.status}: ${name}: ${result.status === 'warn' || result.status === 'error' ? result.reason : ''}`,
      );
    }
  });
});

it('introspection tells what the root types are for', async () => {
  const query = '{ __schema { types { name description } } }';
  const { data } = (await (await edge.post({ query })).json()) as {
    data: { __schema: { types: { name: string; description: string | null }[] } };
  };
  const told = data.__schema.types.filter(({ name }) => ['Query', 'Mutation', 'Subscription'].includes(name));
  expect(told.map(({ description }) => description)).toEqual(
    Array.from({ length: 3 }, () => expect.stringMatching(/^What can be /)),
  );
});
