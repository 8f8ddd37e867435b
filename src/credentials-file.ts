import { randomUUID } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Where the key of the first start is kept, for its owner only. Absolute: it is pasted into other terminals. */
function credentialsPath(dataDir: string): string {
  return resolve(dataDir, 'credentials');
}

/** Written aside and renamed: the file holds a whole key or is not there. */
export async function writeCredentials(dataDir: string, key: string): Promise<void> {
  const path = credentialsPath(dataDir);
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, `${key}\n`, { mode: 0o600, flag: 'wx' });
  await rename(temporary, path);
}

/** The path when there is such a file. */
export async function findCredentials(dataDir: string): Promise<string | undefined> {
  const path = credentialsPath(dataDir);
  return access(path).then(
    () => path,
    () => undefined,
  );
}
