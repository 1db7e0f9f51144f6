import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { helperModules, ownFiles } from './helper-files.ts';
import { packageFiles } from './helper-packages.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitwall-packages-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content = ''): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function install(path: string, dependencies: Record<string, string> = {}): void {
  write(`${path}/package.json`, JSON.stringify({ dependencies }));
  write(`${path}/index.js`);
}

const paths = async (...names: string[]) => (await packageFiles(names, join(folder, 'app'), '/pitwall')).map(({ path }) => path).sort();

test('takes what runs of a package and of all that it needs, each version where Node will look for it', async () => {
  const modules = 'app/node_modules';
  install(`${modules}/a`, { b: '1', '@scope/c': '1' });
  for (const file of ['lib/x.cjs', 'esm/y.mjs', 'lib/x.d.ts', 'lib/x.js.map', 'README.md', 'LICENSE']) write(`${modules}/a/${file}`);
  install(`${modules}/b`, { d: '2' });
  install(`${modules}/b/node_modules/d`);
  install(`${modules}/@scope/c`, { d: '1', a: '1' });
  install(`${modules}/d`);
  install(`${modules}/not-needed`);
  const both = await packageFiles(['a', 'd'], join(folder, 'app'), '/pitwall');
  expect(both.filter(({ path }) => path.endsWith('d/index.js')).map(({ path, source }) => [path, source.slice(folder.length)])).toEqual([
    ['/pitwall/node_modules/d/index.js', '/app/node_modules/d/index.js'],
    ['/pitwall/node_modules/b/node_modules/d/index.js', '/app/node_modules/b/node_modules/d/index.js'],
  ]);
  expect(await paths('a', 'd')).toEqual(
    [
      '@scope/c/index.js',
      '@scope/c/package.json',
      'a/esm/y.mjs',
      'a/index.js',
      'a/lib/x.cjs',
      'a/package.json',
      'b/index.js',
      'b/node_modules/d/index.js',
      'b/node_modules/d/package.json',
      'b/package.json',
      'd/index.js',
      'd/package.json',
    ].map((path) => `/pitwall/node_modules/${path}`),
  );
});

test('follows links, and finds what lies above', async () => {
  install('elsewhere/node_modules/a', { b: '1' });
  install('elsewhere/node_modules/b');
  mkdirSync(join(folder, 'app'));
  symlinkSync(join(folder, 'elsewhere/node_modules'), join(folder, 'node_modules'));
  expect(await paths('a')).toEqual(
    ['a/index.js', 'a/package.json', 'b/index.js', 'b/package.json'].map((path) => `/pitwall/node_modules/${path}`),
  );
});

test('says what is missing', async () => {
  install('app/node_modules/a', { b: '1' });
  await expect(paths('a')).rejects.toThrow(/needs the package b, which is not installed/);
});

test('no other package may be part of the image', async () => {
  for (const path of helperModules) write(`build/${path}`);
  write('build/checks/answer.js', `import fs from 'node:fs';\n`);
  write('build/checks/prober/prober-main.js', `import { a } from './a.js';\n`);
  write('build/checks/prober/a.js', `import pg from 'pg';\n`);
  const files = await ownFiles(join(folder, 'build'));
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      '/pitwall/checks/prober/a.js',
      '/pitwall/node_modules/pg/package.json',
      '/pitwall/node_modules/pg-protocol/package.json',
    ]),
  );
  write('build/checks/prober/a.js', `import { z } from 'zod';\n`);
  await expect(ownFiles(join(folder, 'build'))).rejects.toThrow(/prober\/a\.js is part of the helper image and may not import zod/);
});
