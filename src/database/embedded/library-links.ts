import { access, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { EmbeddedDatabaseError, USE_OWN_DATABASE } from './embedded-database-error.js';

/**
 * Makes the links between the libraries of a package. Packages cannot hold symbolic links; an install
 * script makes them, and many installations forbid install scripts.
 */
export async function completeLinks(folder: string): Promise<void> {
  const list = join(folder, 'native', 'pg-symlinks.json');
  const links = await readFile(list, 'utf8').then(
    (text) => JSON.parse(text) as { source: string; target: string }[],
    () => [],
  );
  for (const link of links) {
    const at = join(folder, link.target);
    if (await exists(at)) continue;
    await symlink(relative(dirname(at), join(folder, link.source)), at).catch(async (error: unknown) => {
      // Another process may have been faster.
      if (await exists(at)) return;
      throw new EmbeddedDatabaseError(
        `The embedded PostgreSQL in ${folder} lacks ${link.target} and it cannot be made (${(error as NodeJS.ErrnoException).code}): ` +
          `start once as the owner of that folder, or ${USE_OWN_DATABASE}.`,
      );
    });
  }
  await access(join(folder, 'native', 'bin')).catch(() => {
    throw new EmbeddedDatabaseError(
      `The embedded PostgreSQL in ${folder} is incomplete: run npm ci again, or ${USE_OWN_DATABASE}.`,
    );
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
