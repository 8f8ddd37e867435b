import { describe, expect, it } from '@jest/globals';
import type { ReadyJob } from './job-loader.js';
import { ReadyBuffer, STANDSTILL_MS } from './ready-buffer.js';

const SLOTS = 8;
const MOST = 6;

const to = (domain: string, tenantId = 'large'): ReadyJob => ({ domain, job: { tenantId } }) as ReadyJob;
const many = (domain: string, count: number): ReadyJob[] => Array.from({ length: count }, () => to(domain));
/** Each to a domain of its own. */
const of = (tenantId: string, count: number): ReadyJob[] =>
  Array.from({ length: count }, (_, n) => to(`${tenantId}${n}.test`, tenantId));
const never = (): boolean => false;

const beginAll = (buffer: ReadyBuffer, mono: number): string[] => {
  const begun: string[] = [];
  for (let job = buffer.begin(never, mono); job !== undefined; job = buffer.begin(never, mono)) begun.push(job.domain);
  return begun;
};

describe('what is claimed and not yet begun', () => {
  it('begins what a tenant has in its order', () => {
    const buffer = new ReadyBuffer(SLOTS);
    buffer.push(of('large', 3));
    expect(beginAll(buffer, 0)).toEqual(['large0.test', 'large1.test', 'large2.test']);
  });

  it('gives the next slot to the tenant that holds the fewest', () => {
    const buffer = new ReadyBuffer(SLOTS);
    const large = of('large', 20);
    buffer.push(large);
    for (let slot = 0; slot < SLOTS; slot += 1) buffer.begin(never, 0);
    buffer.push(of('small', 2));
    for (const job of large.slice(0, 3)) buffer.end(job, 0);
    expect(buffer.begin(never, 0)?.domain).toBe('small0.test');
    expect(buffer.begin(never, 0)?.domain).toBe('small1.test');
    expect(buffer.holds('small')).toBe(false);
    expect(buffer.begin(never, 0)?.domain).toBe('large8.test');
  });

  it('takes tenants that hold as many by turns', () => {
    const buffer = new ReadyBuffer(SLOTS);
    buffer.push([...of('a', 3), ...of('b', 3), ...of('c', 1)]);
    const order: string[] = [];
    for (let job = buffer.begin(never, 0); job !== undefined; job = buffer.begin(never, 0)) {
      order.push(job.domain);
      buffer.end(job, 0);
    }
    expect(order).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2', 'b2'].map((name) => `${name}.test`));
  });

  it('passes over a tenant whose domains may have no more slots', () => {
    const buffer = new ReadyBuffer(SLOTS);
    buffer.push(many('a.test', MOST));
    beginAll(buffer, 0);
    buffer.push([to('a.test', 'small'), ...of('large', 1)]);
    expect(beginAll(buffer, 0)).toEqual(['large0.test']);
    expect(buffer.empty()).toMatchObject([{ domain: 'a.test' }]);
    expect(buffer.size).toBe(0);
  });

  it('leaves slots for others than one domain', () => {
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
