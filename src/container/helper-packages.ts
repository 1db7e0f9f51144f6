import { access, readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { HelperFile } from './helper-files.ts';

/** npm packages that helpers may import: clients of what probers log in to. */
export const helperPackages: ReadonlySet<string> = new Set(['pg', 'ioredis']);

interface Placed {
  /** On this machine, links resolved. */
  readonly folder: string;
  /** In the image. */
  readonly path: string;
}

/**
 * The files of packages and of all that they depend on at run time, below `into`/node_modules: as Node finds them from `from`. One that is needed in a second
 * version lies below the package that needs that.
 */
export async function packageFiles(names: readonly string[], from: string, into: string): Promise<HelperFile[]> {
  const placed = new Map<string, Placed>();
  let open = await placeAll([...names].sort(), from, into, placed, into);
  while (open.length > 0) {
    const next: Placed[] = [];
    for (const { folder, path } of open) next.push(...(await placeAll(await dependenciesOf(folder), folder, path, placed, into)));
    open = next;
  }
  return (await Promise.all([...placed.values()].map(filesOf))).flat();
}

/** Those that were not there yet. */
async function placeAll(
  names: readonly string[],
  from: string,
  parent: string,
  placed: Map<string, Placed>,
  root: string,
): Promise<Placed[]> {
  const added: Placed[] = [];
  for (const name of names) {
    const folder = await find(name, from);
    const seen = visible(name, parent, placed, root);
    if (seen?.folder === folder) continue;
    const path = `${seen === undefined ? root : parent}/node_modules/${name}`;
    const one = { folder, path };
    placed.set(path, one);
    added.push(one);
  }
  return added;
}

/** What Node would find in the image. */
function visible(name: string, parent: string, placed: ReadonlyMap<string, Placed>, root: string): Placed | undefined {
  for (let folder = parent; folder.startsWith(root); folder = dirname(folder)) {
    const found = placed.get(`${folder}/node_modules/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** As Node looks: in node_modules of the folder, then of each folder above it. */
async function find(name: string, from: string): Promise<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (await exists(join(candidate, 'package.json'))) return realpath(candidate);
    if (folder === dirname(folder))
      throw new Error(`the helper image needs the package ${name}, which is not installed above ${from}: run npm ci`);
  }
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  return Object.keys(dependencies).sort();
}

/** What runs, and what says how; its own node_modules are placed by themselves. */
async function filesOf({ folder, path }: Placed): Promise<HelperFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(js|cjs|mjs|json)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split('/').includes('node_modules'))
    .map((file) => ({ path: `${path}/${file}`, source: join(folder, file), mode: 0o644 }));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
