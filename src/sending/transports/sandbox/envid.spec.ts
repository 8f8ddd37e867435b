import { describe, expect, it } from '@jest/globals';
import { parseEnvid } from './envid.js';

const A = '01890a5d-ac96-774b-bcce-b302099a8057';
const B = '01890a5d-ac96-774b-bcce-b302099a8058';

describe('parseEnvid', () => {
  it('reads what a hand-over is named by', () => {
    expect(parseEnvid(`${A}.${B}.3.12`)).toEqual({ tenantId: A, messageId: B, n: 3, attempt: 12 });
  });

  it.each(['', 'a.b.1.1', `${A}.${B}.1`, `${A}.${B}.x.1`, `${A}.${B}.1.1 `, `${A.toUpperCase()}.${B}.1.1`])(
    'does not take %j',
    (envid) => {
      expect(parseEnvid(envid)).toBeUndefined();
    },
  );
});
