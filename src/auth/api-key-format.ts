import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { KeyMode } from '../domain/principal.js';

/** 62^43 is a little more than 2^256. */
const RANDOM_CHARS = 43;
const CHECK_CHARS = 6;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIXES: Readonly<Record<KeyMode, string>> = { LIVE: 'pst_live_', TEST: 'pst_test_' };
const KEY = /^pst_(live|test)_([0-9A-Za-z]{49})$/;

/** Finds keys in any text, for secret scanners. Check a find with parseApiKey. */
export const API_KEY_PATTERN = /(?<![0-9A-Za-z_])pst_(?:live|test)_[0-9A-Za-z]{49}(?![0-9A-Za-z_])/g;

/** A new key of the mode. `randomBytes` gives as many random bytes as asked for. */
export function makeApiKey(mode: KeyMode, randomBytes: (count: number) => Uint8Array): string {
  let random = '';
  while (random.length < RANDOM_CHARS) {
    for (const byte of randomBytes(RANDOM_CHARS)) {
      // 248 is the last multiple of 62 a byte can hold: beyond it some characters would be likelier.
      if (byte < 248 && random.length < RANDOM_CHARS) random += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  const body = PREFIXES[mode] + random;
  return body + checksum(body);
}

/** The mode of a well-formed key whose checksum is right, else undefined: a typo costs no query. */
export function parseApiKey(text: string): KeyMode | undefined {
  const mode = KEY.exec(text)?.[1];
  if (mode === undefined) return undefined;
  const body = text.slice(0, -CHECK_CHARS);
  if (checksum(body) !== text.slice(-CHECK_CHARS)) return undefined;
  return mode === 'live' ? 'LIVE' : 'TEST';
}

/** What is kept of a key. It has 256 random bits, so a fast digest is enough, and a slow one an invitation to exhaust us. */
export function apiKeyDigest(key: string, pepper: string | Uint8Array): Buffer {
  return createHmac('sha256', pepper).update(key).digest();
}

/** Enough of a key for its owner to know it by: the mode and four of the random characters. */
export function apiKeyHint(key: string): string {
  return `${key.slice(0, PREFIXES.LIVE.length + 4)}…`;
}

/** CRC-32 over prefix and random part, as six base62 digits. */
function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let n = 0; n < CHECK_CHARS; n++) {
    digits = ALPHABET.charAt(rest % ALPHABET.length) + digits;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}
