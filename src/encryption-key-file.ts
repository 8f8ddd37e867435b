import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const KEY_BYTES = 32;

/** The key that secrets in the embedded database are sealed with: beside it, for its owner only, made when first asked for. */
export async function embeddedEncryptionKey(dataDir: string): Promise<string> {
  const path = resolve(dataDir, 'encryption-key');
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const key = randomBytes(KEY_BYTES).toString('base64');
  await writeFile(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}
