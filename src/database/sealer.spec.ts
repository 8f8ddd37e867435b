import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CannotUnseal, Sealer } from './sealer.js';

const key = (): string => randomBytes(32).toString('base64');

describe('Sealer', () => {
  const first = key();
  const sealer = new Sealer({ encryptionKey: [first] });

  it('opens what it sealed, and shows nothing of it meanwhile', () => {
    const sealed = sealer.seal('the password', 'provider.1');
    expect(sealed.includes('password')).toBe(false);
    expect(sealer.open(sealed, 'provider.1').toString()).toBe('the password');
    expect(sealer.seal('the password', 'provider.1').equals(sealed)).toBe(false);
  });

  it('does not open a secret that was moved to another row', () => {
    expect(() => sealer.open(sealer.seal('x', 'provider.1'), 'provider.2')).toThrow(CannotUnseal);
  });

  it('does not open a secret of which a bit was changed, wherever', () => {
    const sealed = sealer.seal('secret', 'p');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => sealer.open(changed, 'p')).toThrow(CannotUnseal);
    }
    expect(() => sealer.open(Buffer.alloc(0), 'p')).toThrow(CannotUnseal);
  });

  it('opens with an earlier key and seals with the new one', () => {
    const both = new Sealer({ encryptionKey: [key(), first] });
    expect(both.open(sealer.seal('old', 'p'), 'p').toString()).toBe('old');
    expect(() => sealer.open(both.seal('new', 'p'), 'p')).toThrow('does not hold its key');
  });

  it('seals nothing without a key', () => {
    const none = new Sealer({ encryptionKey: undefined });
    expect(none.canSeal).toBe(false);
    expect(() => none.seal('x', 'p')).toThrow('no encryption key');
    expect(() => none.open(sealer.seal('x', 'p'), 'p')).toThrow(CannotUnseal);
  });
});
