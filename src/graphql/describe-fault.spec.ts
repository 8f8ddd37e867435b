import { describe, expect, it } from '@jest/globals';
import { describeFault } from './describe-fault.js';

describe('describeFault', () => {
  it('keeps the code and the frames and drops what a message quotes', () => {
    const error = Object.assign(
      new Error('bad "Ada\'s subject" for ada@example.com and <bob@example.com>, key (address)'),
      {
        code: '22P02',
      },
    );
    const fault = describeFault(error);
    expect(fault.message).toBe('bad "…" for … and <…>, key (address)');
    expect(fault.code).toBe('22P02');
    expect(fault.frames.length).toBeGreaterThan(0);
    expect(fault.frames.join()).not.toContain('subject');
  });

  it('says nothing about what is no error', () => {
    expect(describeFault('ada@example.com')).toEqual({ name: 'string', message: '', code: undefined, frames: [] });
  });
});
