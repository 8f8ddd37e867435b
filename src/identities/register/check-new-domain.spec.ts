import { describe, expect, it } from '@jest/globals';
import { checkNewDomain } from './check-new-domain.js';

describe('checkNewDomain', () => {
  it('gives both names in their wire form', () => {
    expect(checkNewDomain({ name: ' Bücher.example ', returnPathSubdomain: undefined })).toEqual({
      name: 'xn--bcher-kva.example',
      returnPath: 'bounce.xn--bcher-kva.example',
    });
    expect(checkNewDomain({ name: 'example.com', returnPathSubdomain: 'RP' })).toMatchObject({
      returnPath: 'rp.example.com',
    });
  });

  it('tells everything that is wrong', () => {
    expect(checkNewDomain({ name: 'https://example.com', returnPathSubdomain: 'a.b' })).toMatchObject({
      errors: [
        { code: 'INVALID_VALUE', path: ['name'] },
        { code: 'INVALID_VALUE', path: ['returnPathSubdomain'] },
      ],
    });
  });
});
