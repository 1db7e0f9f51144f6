import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';

/** Brings files of a folder to the disk, and the names of all folders above them up to the one that holds the folder itself. */
export async function syncTree(folder: string, files: Iterable<string>): Promise<void> {
  const limit = pLimit(8);
  const folders = new Set([folder, dirname(folder)]);
  const works: Promise<void>[] = [];
  for (const file of files) {
    works.push(limit(() => syncOne(join(folder, file), 'datasync')));
    for (let above = dirname(join(folder, file)); above.length > folder.length; above = dirname(above)) folders.add(above);
  }
  await Promise.all(works);
  // the deepest first: a name lasts when the folders above it do
  for (const one of [...folders].sort((a, b) => b.length - a.length)) await syncOne(one, 'sync');
}

async function syncOne(path: string, how: 'datasync' | 'sync'): Promise<void> {
  await using handle = await open(path, 'r');
  await handle[how]();
}
