import { describe, expect, it } from '@jest/globals';
import { perSecondFrom, retryAfterMs } from './retry-after.js';

const NOW = Date.parse('2026-11-22T09:00:00Z');

describe('retryAfterMs', () => {
  it.each([
    ['seconds', { 'retry-after': '120' }, '', 120_000],
    ['a date', { 'retry-after': 'Sun, 22 Nov 2026 09:01:00 GMT' }, '', 60_000],
    ['a date that is over', { 'retry-after': 'Sun, 22 Nov 2026 08:00:00 GMT' }, '', 0],
    ['the header before the text', { 'retry-after': '5' }, 'try again after 120 seconds', 5000],
    ['seconds in the text', {}, 'limit exceeded, try again after 120 seconds', 120_000],
    ['a date in the text', {}, 'recipient limit exceeded, try again after Sun, 22 Nov 2026 09:00:31 UTC', 31_000],
    ['more than an hour as an hour', { 'retry-after': '9999999' }, '', 3_600_000],
    ['a date next year as an hour', { 'retry-after': 'Mon, 22 Nov 2027 09:00:00 GMT' }, '', 3_600_000],
    ['the end of the window', { 'ratelimit-reset': '1' }, '', 1000],
  ])('reads %s', (_title, headers, text, expected) => {
    expect(retryAfterMs(headers, text, NOW, true)).toBe(expected);
  });

  it.each([
    ['nothing', {}, ''],
    ['words', { 'retry-after': 'soon' }, ''],
    ['a negative number', { 'retry-after': '-5' }, ''],
    ['a time too long to be meant', {}, 'try again after 99999999999 seconds'],
  ])('takes nothing from %s', (_title, headers, text) => {
    expect(retryAfterMs(headers, text, NOW, true)).toBeUndefined();
  });

  it('takes the window of a rate for nothing where a quota was exceeded', () => {
    expect(retryAfterMs({ 'ratelimit-reset': '1' }, '', NOW, false)).toBeUndefined();
  });
});

describe('perSecondFrom', () => {
  it.each([
    [{ 'ratelimit-limit': '10' }, 10],
    [{ 'ratelimit-limit': '100', 'ratelimit-policy': '100;w=60' }, 100 / 60],
    [{ 'ratelimit-limit': '10', 'ratelimit-policy': '10;w=0' }, undefined],
    [{ 'ratelimit-limit': '0' }, undefined],
    [{ 'ratelimit-limit': 'many' }, undefined],
    [{}, undefined],
  ])('reads %j', (headers, expected) => {
    expect(perSecondFrom(headers)).toBe(expected);
  });
});
