import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { SITE_RULES } from '../../src/domain/site-rules.js';
import { WARM_UP_SCHEDULE } from '../../src/domain/warm-up.js';
import { tableIn } from '../support/doc-examples.js';

const page = readFileSync('docs/direct-delivery.md', 'utf8');

const table = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `| ${row.join(' | ')} |`).join('\n');

it('the sites on the page are those of the code', () => {
  const rows = SITE_RULES.map((rule) => [
    rule.suffixes.map((suffix) => `\`*${suffix}\``).join(', '),
    rule.shared ? 'all together' : 'each set of hosts',
    rule.maxConnections,
    rule.messagesPerConnection,
    rule.perSecond,
    rule.tls === undefined ? '' : 'yes',
  ]);
  const head = ['MX', 'counted', 'connections', 'messages each', 'messages/s', 'TLS demanded'];
  const sites = table([head, head.map(() => '---'), ...rows]);
  expect(tableIn(page, 'mail sites')).toBe(sites);
});

it('the warm-up on the page is that of the code', () => {
  const rows = WARM_UP_SCHEDULE.map(({ fromDay, messages }) => [
    fromDay,
    Number.isFinite(messages) ? messages.toLocaleString('en') : 'no limit',
  ]);
  const days = table([['from day', 'messages a day'], ['---', '---'], ...rows]);
  expect(tableIn(page, 'warm-up')).toBe(days);
});
