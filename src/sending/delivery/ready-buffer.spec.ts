import { describe, expect, it } from '@jest/globals';
import type { ReadyJob } from './job-loader.js';
import { ReadyBuffer, STANDSTILL_MS } from './ready-buffer.js';

const SLOTS = 8;
const MOST = 6;

const to = (domain: string): ReadyJob => ({ domain }) as ReadyJob;
const many = (domain: string, count: number): ReadyJob[] => Array.from({ length: count }, () => to(domain));
const never = (): boolean => false;

const beginAll = (buffer: ReadyBuffer, mono: number): string[] => {
  const begun: string[] = [];
  for (let job = buffer.begin(never, mono); job !== undefined; job = buffer.begin(never, mono)) begun.push(job.domain);
  return begun;
};

describe('what is claimed and not yet begun', () => {
  it('begins in order, and leaves slots for others than one domain', () => {
    const buffer = new ReadyBuffer(SLOTS);
    buffer.push([...many('a.test', 10), to('b.test')]);
    expect(beginAll(buffer, 0)).toEqual([...Array.from({ length: MOST }, () => 'a.test'), 'b.test']);
    expect(buffer.size).toBe(4);
  });

  it('begins what is only to be put back, however much of its domain is under way', () => {
    const buffer = new ReadyBuffer(SLOTS);
    buffer.push(many('a.test', 10));
    beginAll(buffer, 0);
    expect(buffer.begin(() => true, 0)).toMatchObject({ domain: 'a.test' });
  });

  it('does not count what waits for a domain that stands still', () => {
    const buffer = new ReadyBuffer(SLOTS);
    const jobs = many('a.test', 10);
    buffer.push(jobs);
    beginAll(buffer, 0);
    buffer.push(many('b.test', 2));
    expect(buffer.moving(STANDSTILL_MS)).toBe(6);
    expect(buffer.moving(STANDSTILL_MS + 1)).toBe(2);
    for (const job of jobs.slice(0, 1)) buffer.end(job, STANDSTILL_MS + 1);
    expect(buffer.moving(STANDSTILL_MS + 1)).toBe(6);
  });
});
