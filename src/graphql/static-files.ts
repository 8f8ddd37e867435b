import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file as it is answered. */
export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
  /** The same, compressed once: the editor is 6.9 MB, or 2.1 MB compressed. */
  readonly gzipped: Buffer;
}

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ttf', 'font/ttf'],
  ['.woff', 'font/woff'],
  ['.woff2', 'font/woff2'],
]);

/**
 * The files of a folder by their path in it. What is served is this list, made once: no request ever
 * becomes a path of the file system. Empty when the folder does not exist.
 */
export function listFiles(folder: string): ReadonlyMap<string, () => StaticFile> {
  const files = new Map<string, () => StaticFile>();
  let entries;
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return files;
  }
  for (const entry of entries) {
    const type = TYPES.get(extname(entry.name));
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll('\\', '/');
    let file: StaticFile | undefined;
    files.set(name, () => (file ??= load(path, type)));
  }
  return files;
}

function load(path: string, type: string): StaticFile {
  const body = readFileSync(path);
  return { type, body, gzipped: gzipSync(body) };
}
