import { describe, expect, it } from '@jest/globals';
import { newUuidV7 } from './uuid-v7.js';

describe('newUuidV7', () => {
  it('is a version 7 UUID of the present millisecond', () => {
    const before = Date.now();
    const id = newUuidV7();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const ms = parseInt(id.replaceAll('-', '').slice(0, 12), 16);
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThanOrEqual(Date.now());
  });

  it('only ever goes up, and never repeats', () => {
    const ids = Array.from({ length: 50_000 }, newUuidV7);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
