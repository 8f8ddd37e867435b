import { createHash } from 'node:crypto';
import type { Route, WeightedProvider } from './route.js';

/**
 * The providers for one message, the first choice first. Within a step it is a draw in proportion to
 * the weights, the others follow as alternatives, then comes the next step. The draw is a hash of
 * the key (weighted rendezvous hashing): the same message always goes the same way, and a provider
 * that is added or removed moves only the mail of its own share.
 */
export function chooseProviders(route: Pick<Route, 'steps'>, key: string): string[] {
  return route.steps.flatMap((step) => {
    if (step.length < 2) return step.map(({ provider }) => provider);
    return step
      .map((one) => ({ provider: one.provider, score: scoreOf(one, key) }))
      .toSorted((a, b) => b.score - a.score || (a.provider < b.provider ? -1 : 1))
      .map(({ provider }) => provider);
  });
}

const DRAWS = 2 ** 48;

/** With u evenly spread between 0 and 1, -w / ln(u) is the largest with probability w / sum of all w. */
function scoreOf({ provider, weight }: WeightedProvider, key: string): number {
  const digest = createHash('sha256').update(`${provider}\0${key}`).digest();
  return -weight / Math.log((digest.readUIntBE(0, 6) + 0.5) / DRAWS);
}
