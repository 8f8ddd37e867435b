import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { listFiles } from './static-files.js';

const folder = mkdtempSync(join(tmpdir(), 'static-files-'));

afterAll(() => rmSync(folder, { recursive: true }));

describe('listFiles', () => {
  it('lists files of known types by their path, and reads them when asked', () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<p>');
    writeFileSync(join(folder, 'assets', 'a.js'), '1');
    writeFileSync(join(folder, 'secret.key'), 'x');
    const files = listFiles(folder);
    expect([...files.keys()].toSorted()).toEqual(['assets/a.js', 'index.html']);
    const file = files.get('assets/a.js')?.();
    expect(file).toMatchObject({ type: 'text/javascript; charset=utf-8', body: Buffer.from('1') });
    expect(gunzipSync(file?.gzipped ?? '').toString()).toBe('1');
  });

  it('is empty for a folder that is not there', () => {
    expect(listFiles(join(folder, 'none')).size).toBe(0);
  });
});
