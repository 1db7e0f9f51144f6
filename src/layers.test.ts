import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** From the top down: a folder may import those below it, and none above. The files beside them put all of it together: nothing imports those. */
const layers = [
  'cli',
  'server',
  'web',
  'scheduler',
  'runner',
  'drills',
  'forensics',
  'probes',
  'checks',
  'container',
  'report',
  'chart',
  'scorecard',
  'notify',
  'access',
  'config',
  'store',
  'engine',
  'domain',
];

const root = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll(sep, '/'))
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|(^|\/)(testkit|fixtures)/.test(file));

/** `a.ts imports b.ts`, for every import of our own files that leaves its folder of `src`. */
const crossing = files.flatMap((file) =>
  specifiers(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, join(root, dirname(file), name)).replaceAll(sep, '/'))
    .filter((to) => folderOf(to) !== folderOf(file))
    .map((to) => ({ file, to })),
);

test('each folder has its place', () => {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual(layers.toSorted());
  expect(crossing.length).toBeGreaterThan(1_000);
});

test.each(layers)('%s imports what is below it alone', (layer) => {
  const below = new Set(layers.slice(layers.indexOf(layer) + 1));
  const wrong = crossing.filter(({ file, to }) => folderOf(file) === layer && !below.has(folderOf(to)));
  expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

test('the engine is asked through src/engine alone', () => {
  const users = files.filter((file) => specifiers(file).includes('dockerode'));
  expect([...new Set(users.map(folderOf))]).toEqual(['engine']);
});

function specifiers(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:\bfrom |\bimport ?\(|^import )'([^']+)'/gm)].map(([, name = '']) => name);
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}
