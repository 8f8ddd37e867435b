import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseProviders } from './choose-providers.js';
import type { RouteStep } from './route.js';

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,8}$/), { minLength: 1, maxLength: 8 });
/** Each provider once, in one or several steps. */
const routes = fc.record({
  names,
  cuts: fc.array(fc.boolean()),
  weights: fc.infiniteStream(fc.integer({ min: 1, max: 1000 })),
});

function stepsOf({
  names: all,
  cuts,
  weights,
}: {
  names: string[];
  cuts: boolean[];
  weights: Iterator<number>;
}): RouteStep[] {
  const steps: { provider: string; weight: number }[][] = [[]];
  for (const [i, provider] of all.entries()) {
    if (cuts[i] === true && steps.at(-1)?.length !== 0) steps.push([]);
    steps.at(-1)?.push({ provider, weight: Number(weights.next().value) });
  }
  return steps;
}

const KEYS = Array.from({ length: 20_000 }, (_, i) => `0198c0de-0000-7000-8000-${i.toString(16).padStart(12, '0')}`);

function firstChoices(step: RouteStep): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of KEYS) {
    const [first = ''] = chooseProviders({ steps: [step] }, key);
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return counts;
}

describe('chooseProviders', () => {
  it('names every provider of the route once, step after step, the same way each time', () => {
    fc.assert(
      fc.property(routes, fc.string(), (given, key) => {
        const steps = stepsOf(given);
        const chosen = chooseProviders({ steps }, key);
        expect(chooseProviders({ steps }, key)).toEqual(chosen);
        let from = 0;
        for (const step of steps) {
          const part = chosen.slice(from, from + step.length);
          expect(part.toSorted()).toEqual(step.map(({ provider }) => provider).toSorted());
          from += step.length;
        }
        expect(chosen).toHaveLength(from);
      }),
    );
  });

  it('does not care about the order within a step', () => {
    fc.assert(
      fc.property(routes, fc.string(), (given, key) => {
        const steps = stepsOf(given);
        const turned = steps.map((step) => step.toReversed());
        expect(chooseProviders({ steps: turned }, key)).toEqual(chooseProviders({ steps }, key));
      }),
    );
  });

  it('moves nobody but those who lose or win the provider that goes or comes', () => {
    fc.assert(
      fc.property(routes, fc.string(), (given, key) => {
        const step = stepsOf({ ...given, cuts: [] })[0] ?? [];
        const chosen = chooseProviders({ steps: [step] }, key);
        for (const { provider: gone } of step) {
          const without = chooseProviders({ steps: [step.filter(({ provider }) => provider !== gone)] }, key);
          expect(without).toEqual(chosen.filter((provider) => provider !== gone));
        }
      }),
    );
  });

  it.each([[{ a: 1, b: 1 }], [{ a: 9, b: 1 }], [{ a: 3, b: 2, c: 5 }], [{ a: 1000, b: 10 }]])(
    'shares by weight: %j',
    (weights) => {
      const step = Object.entries(weights).map(([provider, weight]) => ({ provider, weight }));
      const total = step.reduce((sum, { weight }) => sum + weight, 0);
      const counts = firstChoices(step);
      for (const { provider, weight } of step) {
        const share = weight / total;
        // Five standard deviations of a fair draw.
        const tolerance = 5 * Math.sqrt((share * (1 - share)) / KEYS.length);
        expect(Math.abs((counts.get(provider) ?? 0) / KEYS.length - share)).toBeLessThan(tolerance);
      }
    },
  );

  it('shares the mail of a provider that failed by the weights of the others', () => {
    const step = [
      { provider: 'a', weight: 5 },
      { provider: 'b', weight: 3 },
      { provider: 'c', weight: 1 },
    ];
    const seconds = KEYS.map((key) => chooseProviders({ steps: [step] }, key)).filter(([first]) => first === 'a');
    const share = seconds.filter(([, second]) => second === 'b').length / seconds.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });
});
