import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { completeLinks } from './library-links.js';
import { findBinaries } from './platform-binaries.js';
import { parsePostmasterPid } from './postmaster-pid.js';

describe('findBinaries', () => {
  it('finds the package of this platform', async () => {
    expect(await findBinaries()).toMatchObject({ major: '18', root: expect.stringContaining('native') });
  });

  it('names the way out where there is no package', async () => {
    await expect(findBinaries('sunos-sparc')).rejects.toThrow(
      /no embedded PostgreSQL for sunos-sparc: set POSTERN_DATABASE_URL/,
    );
    await expect(findBinaries('linux-x64', true)).rejects.toThrow(/musl \(Alpine\): .*POSTERN_DATABASE_URL/);
  });
});

describe('completeLinks', () => {
  it('makes the links an install script would have made, and leaves those that are there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-links-'));
    const lib = join(folder, 'native', 'lib');
    mkdirSync(lib, { recursive: true });
    mkdirSync(join(folder, 'native', 'bin'));
    writeFileSync(join(lib, 'liba.so.1.2'), '');
    symlinkSync('liba.so.1.2', join(lib, 'liba.so'));
    const links = ['liba.so', 'liba.so.1'].map((name) => ({
      source: 'native/lib/liba.so.1.2',
      target: `native/lib/${name}`,
    }));
    writeFileSync(join(folder, 'native', 'pg-symlinks.json'), JSON.stringify(links));
    await completeLinks(folder);
    await completeLinks(folder);
    expect(lstatSync(join(lib, 'liba.so.1')).isSymbolicLink()).toBe(true);
    rmSync(folder, { recursive: true });
  });
});

describe('parsePostmasterPid', () => {
  it('reads a whole file, one that is being written, and none', () => {
    const whole = '4711\n/data\n1764000000\n5433\n\n127.0.0.1\n  123  456\nready   \n';
    expect(parsePostmasterPid(whole)).toEqual({ pid: 4711, port: 5433, status: 'ready' });
    expect(parsePostmasterPid('4711\n/data\n')).toEqual({ pid: 4711, port: 0, status: 'starting' });
    expect(parsePostmasterPid('')).toBeUndefined();
    // A stand-alone backend writes a negative id.
    expect(parsePostmasterPid('-4711\n')).toBeUndefined();
  });
});
