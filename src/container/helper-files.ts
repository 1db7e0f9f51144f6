import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { helperPackages, packageFiles } from './helper-packages.ts';

/** One file of the image. */
export interface HelperFile {
  /** In the image. */
  readonly path: string;
  /** On this machine. */
  readonly source: string;
  readonly mode: number;
}

/** What helpers run: the first of them always, another when a role asks for it (see `helper-main.ts`). Paths in Pitwall's own build. */
export const helperMain = 'container/helper-main.js';
export const helperModules: readonly string[] = [
  helperMain,
  'checks/answer.js',
  'forensics/hold/end-processes.js',
  'forensics/collect/agent.js',
  'drills/segmentation/reach.js',
  'drills/secret-rotation/systems/steps/ask.js',
  'drills/secret-rotation/holders/inside-agent.js',
  'drills/secret-rotation/deliver/agent.js',
  'checks/prober/prober-main.js',
];

/** Where the image has Pitwall's own build, and the packages below it. */
export const buildPath = '/pitwall';

/**
 * Pitwall's compiled files that helpers run, by following imports, and the packages that these import with all that those need: Pitwall's own, as installed
 * where it runs.
 */
export async function ownFiles(build: string): Promise<HelperFile[]> {
  const found = new Set<string>();
  const packages = new Set<string>();
  const open = helperModules.map((path) => join(build, path));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const imports = await importsOf(file);
    open.push(...imports.files);
    for (const name of imports.packages) packages.add(name);
  }
  const own = [...found].map((source) => ({ path: `${buildPath}/${relative(build, source)}`, source, mode: 0o644 }));
  return [...own, ...(await packageFiles([...packages], dirname(fileURLToPath(import.meta.url)), buildPath))];
}

/** The few files of a root file system that the C library reads. */
export async function rootFiles(folder: string): Promise<HelperFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((source) => ({ path: `/${relative(folder, source)}`, source, mode: 0o644 }));
}

/** Of all paths, modes and contents: the same files give the same digest on every machine. */
export async function digestOf(files: readonly HelperFile[], also: readonly string[]): Promise<string> {
  const lines = await Promise.all(files.map(async ({ path, source, mode }) => `${path} ${mode.toString(8)} ${await hashFile(source)}`));
  return createHash('sha256')
    .update([...lines.sort(), ...also].join('\n'))
    .digest('hex');
}

async function importsOf(file: string): Promise<{ readonly files: readonly string[]; readonly packages: readonly string[] }> {
  const text = await readFile(file, 'utf8');
  const specifiers = [...text.matchAll(/^\s*(?:import|export)\s(?:[^'";]*?\sfrom\s*)?['"]([^'"]+)['"]/gm)].map((match) => match[1] ?? '');
  const needed = specifiers.filter((specifier) => !specifier.startsWith('node:'));
  const packages = needed.filter((specifier) => !specifier.startsWith('.'));
  const strange = packages.find((name) => !helperPackages.has(name));
  if (strange !== undefined) throw new Error(`${file} is part of the helper image and may not import ${strange}`);
  return { files: needed.filter((specifier) => specifier.startsWith('.')).map((specifier) => join(dirname(file), specifier)), packages };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), hash);
  return hash.digest('hex');
}
