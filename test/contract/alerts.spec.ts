import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { LANES } from '../../src/domain/lane.js';
import { anchors } from '../support/doc-examples.js';
import { type PublishedMetric, publishedMetrics } from '../support/published-metrics.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

// JSON is YAML, and there is a strict reader of it here.
const file = JSON.parse(readFileSync('docs/alerts.yaml', 'utf8')) as RuleFile;
const rules = file.groups.flatMap((group) => group.rules);
const runbook = readFileSync('docs/runbook.md', 'utf8');
const metrics = new Map(publishedMetrics().map((metric) => [metric.name, metric]));

/** Set by Prometheus itself for everything it scrapes. */
const SCRAPED = ['job', 'instance'];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  lane: LANES,
  outcome: ['accepted', 'deferred', 'refused', 'in_doubt'],
};

interface Selector {
  readonly name: string;
  readonly metric: PublishedMetric | undefined;
  /** Matchers as name and value. */
  readonly matchers: readonly (readonly [string, string])[];
}

/** The metrics an expression reads. */
function selectors(expr: string): Selector[] {
  return [...expr.matchAll(/\b(postern_\w+)(?:\{([^}]*)\})?/g)].map(([, name = '', inside = '']) => {
    const matchers = [...inside.matchAll(/(\w+)\s*(?:=~?|!=|!~)\s*"([^"]*)"/g)].map(
      ([, label = '', value = '']) => [label, value] as const,
    );
    return { name, metric: metricNamed(name), matchers };
  });
}

function metricNamed(name: string): PublishedMetric | undefined {
  const whole = name.replace(/_(bucket|sum|count)$/, '');
  const histogram = metrics.get(whole);
  return metrics.get(name) ?? (histogram?.type === 'histogram' ? histogram : undefined);
}

/** The labels of all groupings of an expression. */
function grouped(expr: string): string[] {
  return [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',').map((one) => one.trim()));
}

function blocks(language: string): string[] {
  return [...runbook.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, code = '']) => code);
}

function expectKnownNames(expr: string): void {
  const found = selectors(expr);
  expect(found.length).toBeGreaterThan(0);
  const labels = found.flatMap(({ metric }) => metric?.labelNames ?? []);
  for (const { name, metric, matchers } of found) {
    expect([name, metric !== undefined]).toEqual([name, true]);
    for (const [label, value] of matchers) {
      expect(metric?.labelNames).toContain(label);
      if (label in VALUES) expect(VALUES[label]).toContain(value);
    }
  }
  for (const label of grouped(expr)) expect([...labels, ...SCRAPED, 'le']).toContain(label);
}

describe('docs/alerts.yaml', () => {
  it('has the rules that were meant, each once', () => {
    expect(rules.length).toBeGreaterThanOrEqual(9);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  describe.each(rules.map((rule) => [rule.alert, rule] as const))('%s', (_, rule) => {
    it('has every part, and none that Prometheus would refuse', () => {
      expect(
        Object.keys(rule).filter((key) => !['alert', 'expr', 'for', 'labels', 'annotations'].includes(key)),
      ).toEqual([]);
      expect(rule.alert).toMatch(/^Postern[A-Z]\w+$/);
      if (rule.for !== undefined) expect(rule.for).toMatch(/^\d+[smh]$/);
      expect(['critical', 'warning']).toContain(rule.labels.severity);
      expect(rule.annotations.summary).not.toBe('');
      expect(rule.annotations.description).toMatch(/\.$/);
    });

    it('reads only metrics and labels there are', () => {
      expectKnownNames(rule.expr);
    });

    it('says only what its expression leaves', () => {
      const { summary, description } = rule.annotations;
      for (const [, label] of `${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)) {
        expect(grouped(rule.expr)).toContain(label);
      }
    });

    it('leads to a section of the runbook', () => {
      const [page, anchor] = rule.annotations.runbook_url.split('#');
      expect(page).toBe('docs/runbook.md');
      expect(anchors(runbook)).toContain(anchor);
    });
  });
});

describe('docs/runbook.md', () => {
  it('has no section that no alert leads to', () => {
    const linked = new Set(rules.map(({ annotations }) => annotations.runbook_url.split('#')[1]));
    const [, ...sections] = anchors(runbook);
    expect(new Set(sections)).toEqual(linked);
  });

  it('asks only what the schema answers', () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const queries = blocks('graphql');
    expect(queries.length).toBeGreaterThanOrEqual(7);
    for (const query of queries) expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
  });

  it('reads only metrics there are', () => {
    for (const line of blocks('promql').flatMap((code) => code.trim().split('\n'))) expectKnownNames(line);
  });
});
