import { describe, expect, it } from '@jest/globals';
import { defaultSigner, PROVIDER_KINDS, providerNameProblem } from './provider.js';

describe('the name of a provider', () => {
  it.each(['a', 'relay-2', '0', 'x'.repeat(40)])('may be %s', (name) => {
    expect(providerNameProblem(name)).toBeUndefined();
  });

  it.each(['', 'Relay', 'a_b', 'a b', 'é', 'x'.repeat(41), 'a\n', 'sandbox'])('must not be %j', (name) => {
    expect(providerNameProblem(name)).toMatch(/^must /);
  });
});

it('a provider that signs what it sends is left to do so, unless told otherwise', () => {
  expect(PROVIDER_KINDS.filter((kind) => defaultSigner(kind) === 'POSTERN')).toEqual(['SMTP', 'DIRECT', 'SANDBOX']);
});
