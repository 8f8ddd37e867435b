import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeId, decodeRecipientId, encodeId, encodeRecipientId } from './opaque-id.js';

const UUID = '0199b5d2-7c4e-7a10-8f00-0123456789ab';

describe('an opaque id', () => {
  it('comes back as the UUID it was made of', () => {
    fc.assert(
      fc.property(fc.constantFrom('msg', 'key', 'mail', 'tnt'), fc.uuid(), (kind, uuid) => {
        expect(encodeId(kind, uuid)).toMatch(/^[a-z]+_[0-9a-f]{32}$/);
        expect(decodeId(kind, encodeId(kind, uuid))).toBe(uuid);
      }),
    );
  });

  it.each([
    ['of another kind', encodeId('key', UUID)],
    ['without a kind', UUID.replaceAll('-', '')],
    ['of a UUID with hyphens', `msg_${UUID}`],
    ['in upper case', encodeId('msg', UUID).toUpperCase().replace('MSG', 'msg')],
    ['too short', encodeId('msg', UUID).slice(0, -1)],
    ['too long', `${encodeId('msg', UUID)}0`],
    ['with another character', encodeId('msg', UUID).replace('0', 'g')],
    ['that is empty', ''],
  ])('is none %s', (_, id) => {
    expect(decodeId('msg', id)).toBeUndefined();
  });

  it('names a recipient by message and position', () => {
    expect(decodeRecipientId(encodeRecipientId(UUID, 7))).toEqual({ messageId: UUID, n: 7 });
  });

  it.each([
    ['without a position', `rcp_${UUID.replaceAll('-', '')}`],
    ['with a negative position', `rcp_${UUID.replaceAll('-', '')}_-1`],
    ['with another spelling of a position', `rcp_${UUID.replaceAll('-', '')}_07`],
    ['with an absurd position', `rcp_${UUID.replaceAll('-', '')}_10000`],
    ['of a message', encodeId('msg', UUID)],
  ])('names no recipient %s', (_, id) => {
    expect(decodeRecipientId(id)).toBeUndefined();
  });
});
