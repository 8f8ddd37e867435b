import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import {
  type DkimAlgorithm,
  completeSignature,
  digestMessage,
  unsignedSignature,
} from '../../../src/domain/dkim/dkim-signature.js';

/** A key with its selector and the DNS record that a verifier asks for. */
export interface OracleKey {
  readonly algorithm: DkimAlgorithm;
  readonly selector: string;
  readonly privateKey: KeyObject;
  readonly record: string;
}

const DOMAIN = 'example.com';

export function oracleKey(algorithm: DkimAlgorithm): OracleKey {
  if (algorithm === 'RSA') {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const p = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    return { algorithm, selector: 'r', privateKey, record: `v=DKIM1; k=rsa; p=${p}` };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const p = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
  return { algorithm, selector: 'e', privateKey, record: `v=DKIM1; k=ed25519; p=${p}` };
}

/** The message with a signature of each key in front. */
export function signedBy(keys: readonly OracleKey[], raw: Buffer, signedAt = new Date()): Buffer {
  const message = digestMessage(raw);
  const headers = keys.map(({ algorithm, selector, privateKey }) => {
    const unsigned = unsignedSignature(message, { domain: DOMAIN, selector, algorithm, signedAt });
    return completeSignature(unsigned, sign(algorithm === 'RSA' ? 'sha256' : null, unsigned.data, privateKey));
  });
  return Buffer.concat([Buffer.from(headers.join('')), raw]);
}

type Txt = (name: string) => Promise<readonly string[] | undefined>;

/** What mailauth says about each signature: `rsa-sha256 pass example.com`, with the signing domain. */
export async function verdictsBy(signed: Buffer, txt: Txt): Promise<string[]> {
  const { results } = await dkimVerify(signed, {
    resolver: async (name: string) => {
      const records = await txt(name);
      if (records === undefined) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
      return records.map((record) => [record]);
    },
  });
  return results.map(({ algo, status, signingDomain }) => `${algo} ${status.result} ${signingDomain}`);
}

/** The same of what is signed for example.com, without the domain. */
export async function verdicts(
  signed: Buffer,
  txt: (name: string) => readonly string[] | undefined,
): Promise<string[]> {
  const said = await verdictsBy(signed, (name) => Promise.resolve(txt(name)));
  return said.map((text) => text.replace(` ${DOMAIN}`, ''));
}

/** A name server that knows the keys. */
export function published(keys: readonly OracleKey[]): (name: string) => readonly string[] | undefined {
  const zone = new Map(keys.map(({ selector, record }) => [`${selector}._domainkey.${DOMAIN}`, [record]]));
  return (name) => zone.get(name);
}
