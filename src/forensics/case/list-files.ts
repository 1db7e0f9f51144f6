import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockName, reserveName } from './case-path.ts';

export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  /** The same for two names of one file. */
  readonly inode: string;
}

/** Every file under the folder of a case, as paths inside it, but for Pitwall's own two. `strange`: links, sockets and the like, which nobody of us makes. */
export async function listFiles(folder: string): Promise<{ readonly files: FoundFile[]; readonly strange: string[] }> {
  const files: FoundFile[] = [];
  const strange: string[] = [];
  const walk = async (below: string) => {
    for (const name of await readdir(join(folder, below))) {
      const path = below === '' ? name : `${below}/${name}`;
      if (path === lockName || path === reserveName) continue;
      const stats = await lstat(join(folder, path));
      if (stats.isDirectory()) await walk(path);
      else if (stats.isFile()) files.push({ path, bytes: stats.size, inode: `${stats.dev}:${stats.ino}` });
      else strange.push(path);
    }
  };
  await walk('');
  return { files, strange };
}
