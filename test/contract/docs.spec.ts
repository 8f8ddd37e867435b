import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type GraphQLEnumType, type GraphQLObjectType, buildSchema } from 'graphql';
import { configurationPage, errorsPage } from '../../src/config/reference-pages.js';
import { EVENT_TYPES } from '../../src/domain/delivery-event.js';
import { isSettled, RECIPIENT_STATUSES } from '../../src/domain/recipient-status.js';
import { MAGIC_ADDRESSES, MAGIC_DOMAIN } from '../../src/sending/transports/sandbox/magic-addresses.js';
import { anchors, tableIn } from '../support/doc-examples.js';
import { publishedMetrics } from '../support/published-metrics.js';

const read = (path: string): string => readFileSync(path, 'utf8');
const schema = buildSchema(read('schema.graphql'));

/** Descriptions of an enum as clients read them. */
function meanings(name: string): Map<string, string> {
  const values = (schema.getType(name) as GraphQLEnumType).getValues();
  return new Map(values.map((value) => [value.name, value.description ?? '']));
}

/** Rows of a table as cells, without the head. */
function cells(table: string): string[][] {
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

describe('the generated pages', () => {
  it('docs/configuration.md', () => {
    expect(read('docs/configuration.md')).toBe(configurationPage());
  });

  it('docs/errors.md', () => {
    expect(read('docs/errors.md')).toBe(errorsPage());
  });
});

describe('the tables in the pages', () => {
  it('the magic addresses are those of the sandbox', () => {
    const rows = Object.entries(MAGIC_ADDRESSES).map(([local, { description }]) => [
      `\`${local}@${MAGIC_DOMAIN}\``,
      description,
    ]);
    expect(tableIn(read('docs/getting-started.md'), 'magic addresses')).toBe(table(['address', 'what happens'], rows));
  });

  it('the statuses are those of the schema', () => {
    const meaning = meanings('RecipientStatus');
    const rows = RECIPIENT_STATUSES.map((status) => [
      `\`${status}\``,
      meaning.get(status) ?? '',
      isSettled(status) ? 'yes' : 'no',
    ]);
    expect(tableIn(read('docs/events.md'), 'statuses')).toBe(table(['status', 'meaning', 'settled'], rows));
  });

  it('the event types are those of the schema, with statuses and fields there are', () => {
    const found = cells(tableIn(read('docs/events.md'), 'event types'));
    const meaning = meanings('EventType');
    expect(found.map(([type, text]) => [type, text])).toEqual(
      EVENT_TYPES.map((type) => [`\`${type}\``, meaning.get(type)]),
    );
    const fields = Object.keys((schema.getType('DeliveryEvent') as GraphQLObjectType).getFields());
    for (const [, , statuses = '', told = ''] of found) {
      for (const [, name] of statuses.matchAll(/`(\w+)`/g)) expect(RECIPIENT_STATUSES).toContain(name);
      for (const [, name] of told.matchAll(/`(\w+)`/g)) expect(fields).toContain(name);
    }
  });

  it('the metrics are those that are published', () => {
    const rows = publishedMetrics().map(({ name, help, type }) => [`\`${name}\``, type, help]);
    expect(tableIn(read('docs/operations.md'), 'metrics')).toBe(table(['metric', 'kind', 'says'], rows));
  });
});

describe('all pages', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].concat(
    readdirSync('docs').map((name) => join('docs', name)),
  );

  it.each(pages)('%s links to what is there', (path) => {
    for (const [, target = ''] of read(path).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : join(dirname(path), file);
      expect([target, existsSync(linked)]).toEqual([target, true]);
      if (anchor !== undefined) expect(anchors(read(linked))).toContain(anchor);
    }
  });

  it.each(pages)('%s names only settings there are', (path) => {
    const known = configurationPage();
    for (const [name] of read(path).matchAll(/POSTERN_[A-Z_]*[A-Z]/g)) {
      if (name === 'POSTERN_X_FILE') continue;
      expect(known).toContain(`\`${name.replace(/_FILE$/, '')}`);
    }
  });

  it('docs/README.md leads to every other', () => {
    for (const name of readdirSync('docs').filter((file) => file !== 'README.md')) {
      expect(read('docs/README.md')).toContain(`](${name})`);
    }
  });

  it('the README stays within 120 lines', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });
});
