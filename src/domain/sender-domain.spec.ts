import { describe, expect, it } from '@jest/globals';
import { isDomainLabel, nextSelector, parseDomainName, withParents } from './sender-domain.js';

const NOVEMBER = new Date('2026-11-30T23:59:59Z');

describe('parseDomainName', () => {
  it.each([
    ['example.com', 'example.com'],
    ['News.Example.COM', 'news.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('takes %s', (text, name) => expect(parseDomainName(text)).toBe(name));

  it.each([
    '',
    'com',
    'a@example.com',
    'example.com.',
    '-a.com',
    'a..com',
    '127.0.0.1',
    'a b.com',
    `${'a.'.repeat(110)}com`,
  ])('refuses %j', (text) => expect(parseDomainName(text)).toBeUndefined());
});

describe('withParents', () => {
  it('gives the nearest first and no top-level domain', () => {
    expect(withParents('a.b.example.com')).toEqual(['a.b.example.com', 'b.example.com', 'example.com']);
    expect(withParents('example.com')).toEqual(['example.com']);
  });
});

describe('isDomainLabel', () => {
  it.each(['bounce', 'b', 'b-1'])('takes %s', (text) => expect(isDomainLabel(text)).toBe(true));
  it.each(['', '-b', 'b-', 'a.b', 'B', '_b', 'b'.repeat(64)])('refuses %j', (text) =>
    expect(isDomainLabel(text)).toBe(false),
  );
});

describe('nextSelector', () => {
  it('begins each month anew and skips what was used', () => {
    expect(nextSelector(new Set(), NOVEMBER)).toBe('pst202611a');
    expect(nextSelector(new Set(['pst202611a', 'pst202610b']), NOVEMBER)).toBe('pst202611b');
  });

  it('has a further one after z', () => {
    const used = new Set('abcdefghijklmnopqrstuvwxyz'.split('').map((letter) => `pst202611${letter}`));
    expect(nextSelector(used, NOVEMBER)).toBe('pst202611aa');
    expect(nextSelector(used.add('pst202611aa'), NOVEMBER)).toBe('pst202611ab');
  });
});
