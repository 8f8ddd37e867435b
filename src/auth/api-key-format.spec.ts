import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { API_KEY_PATTERN, apiKeyDigest, apiKeyHint, makeApiKey, parseApiKey } from './api-key-format.js';

const make = (mode: 'LIVE' | 'TEST' = 'TEST'): string => makeApiKey(mode, randomBytes);

describe('makeApiKey', () => {
  it('makes keys of one form that parse back to their mode', () => {
    for (let n = 0; n < 500; n++) {
      const mode = n % 2 === 0 ? 'LIVE' : 'TEST';
      const key = make(mode);
      expect(key).toMatch(mode === 'LIVE' ? /^pst_live_[0-9A-Za-z]{49}$/ : /^pst_test_[0-9A-Za-z]{49}$/);
      expect(parseApiKey(key)).toBe(mode);
    }
  });

  it('uses every character equally often: bytes from 248 on are thrown away', () => {
    const calls: number[] = [];
    const key = makeApiKey('TEST', (count) => {
      calls.push(count);
      return new Uint8Array(count).fill(calls.length === 1 ? 255 : 61);
    });
    expect(calls).toHaveLength(2);
    expect(key.startsWith(`pst_test_${'z'.repeat(43)}`)).toBe(true);
  });
});

describe('parseApiKey', () => {
  it('refuses every change of one character', () => {
    const key = make();
    for (let at = 0; at < key.length; at++) {
      const changed = key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1);
      expect(parseApiKey(changed)).toBeUndefined();
    }
  });

  it('refuses neighbours that were swapped', () => {
    const key = make();
    for (let at = 9; at < key.length - 1; at++) {
      const swapped = key.slice(0, at) + key.charAt(at + 1) + key.charAt(at) + key.slice(at + 2);
      if (swapped !== key) expect(parseApiKey(swapped)).toBeUndefined();
    }
  });

  it.each(['', 'pst_test_', `${make()}a`, ` ${make()}`, `${make()}\n`, make().slice(0, -1), 'Bearer x'])(
    'refuses %j',
    (text) => {
      expect(parseApiKey(text)).toBeUndefined();
    },
  );

  it('takes a live key for nothing else: the prefix is part of the checksum', () => {
    expect(parseApiKey(make('LIVE').replace('live', 'test'))).toBeUndefined();
  });
});

describe('API_KEY_PATTERN', () => {
  it('finds every key in a text and nothing else', () => {
    const keys = Array.from({ length: 200 }, (_, n) => make(n % 2 === 0 ? 'LIVE' : 'TEST'));
    const text = keys.map((key, n) => `line ${n}: KEY="${key}", pst_test_short and x${key.slice(1)}`).join('\n');
    expect(text.match(API_KEY_PATTERN)).toEqual(keys);
  });
});

describe('apiKeyDigest', () => {
  it('depends on the key and on the pepper', () => {
    const key = make();
    expect(apiKeyDigest(key, 'a'.repeat(32))).toHaveLength(32);
    expect(apiKeyDigest(key, 'a'.repeat(32))).toEqual(apiKeyDigest(key, Buffer.from('a'.repeat(32))));
    expect(apiKeyDigest(key, 'a'.repeat(32))).not.toEqual(apiKeyDigest(key, 'b'.repeat(32)));
    expect(apiKeyDigest(key, 'a'.repeat(32))).not.toEqual(apiKeyDigest(make(), 'a'.repeat(32)));
  });
});

describe('apiKeyHint', () => {
  it('shows the mode and four characters', () => {
    const key = make('LIVE');
    expect(apiKeyHint(key)).toBe(`${key.slice(0, 13)}…`);
  });
});
