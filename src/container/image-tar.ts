import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { type Pack, pack } from 'tar-stream';
import type { HelperFile } from './helper-files.ts';

/** A root file system with these files and the folders above them, all root's and of no date: the same files make the same bytes. */
export function imageTar(files: readonly HelperFile[]): Readable {
  const tar = pack();
  const whole = Readable.from(tar, { objectMode: false });
  write(tar, files).catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  return whole;
}

async function write(tar: Pack, files: readonly HelperFile[]): Promise<void> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const folders = new Set(sorted.flatMap(({ path }) => ancestors(path)));
  for (const folder of [...folders].sort()) tar.entry({ ...anyone, name: `${folder.slice(1)}/`, type: 'directory', mode: 0o755 });
  for (const file of sorted) await add(tar, file);
  tar.finalize();
}

async function add(tar: Pack, { path, source, mode }: HelperFile): Promise<void> {
  const { size } = await stat(source);
  await new Promise<void>((resolve, reject) => {
    const entry = tar.entry({ ...anyone, name: path.slice(1), mode, size }, (error) => (error ? reject(error) : resolve()));
    const content = createReadStream(source, { highWaterMark: 262_144 });
    content.on('error', reject);
    // Whoever reads the tar may go away in the middle; the file must not stay open.
    entry.on('close', () => content.destroy());
    content.on('data', (chunk) => {
      if (!entry.write(chunk)) content.pause();
    });
    entry.on('drain', () => content.resume());
    content.on('end', () => entry.end(null));
  });
}

const anyone = { uid: 0, gid: 0, mtime: new Date(0) };

function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === '/' ? [] : [...ancestors(above), above];
}
