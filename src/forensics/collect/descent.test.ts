import { fstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Mount } from '../proc/mountinfo.ts';
import { Descent } from './descent.ts';
import { handleOf } from './safe-open.ts';
import { walk } from './walk.ts';

const folder = mkdtempSync(join(tmpdir(), 'pitwall-descent-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'a/b'), { recursive: true });
mkdirSync(join(folder, 'mounted/below'), { recursive: true });
writeFileSync(join(folder, 'a/b/file'), 'x');
symlinkSync('/etc', join(folder, 'absolute'));
symlinkSync('a', join(folder, 'relative'));

const open = () => {
  const top = new Map([['/target/mounted', {} as Mount]]);
  return new Descent({ hostPid: 1, mounts: [], byId: new Map(), top }, '/target', handleOf(folder, { folder: true }));
};

test('goes down folders, back and sideways', () => {
  using descent = open();
  const inode = (path: string) => {
    const fd = descent.folder(path);
    return fd === null ? null : fstatSync(fd).ino;
  };
  for (const path of ['a/b', 'a', '', 'a/b', 'a/b']) expect([path, inode(path)]).toEqual([path, statSync(join(folder, path)).ino]);
});

test('follows no link, leaves not its root, and enters nothing that is mounted', () => {
  using descent = open();
  for (const path of ['absolute', 'relative', 'relative/b', '..', 'a/..', 'a/./b', 'mounted', 'mounted/below', 'a/b/file', 'none']) {
    expect([path, descent.folder(path)]).toEqual([path, null]);
  }
});

test('a walk tells of links and passes over what is mounted', async () => {
  using descent = open();
  const { found, reasons } = await walk(descent, 100, new AbortController().signal);
  expect(found.map(({ folder: at, name, type, link }) => [at, name, type, link])).toEqual([
    ['', '.', 'folder', undefined],
    ['', 'a', 'folder', undefined],
    ['', 'absolute', 'symlink', '/etc'],
    ['', 'relative', 'symlink', 'a'],
    ['a', 'b', 'folder', undefined],
    ['a/b', 'file', 'file', undefined],
  ]);
  expect(reasons).toEqual([]);
  expect((await walk(descent, 3, new AbortController().signal)).reasons).toEqual(['there are more entries than the limit']);
});
