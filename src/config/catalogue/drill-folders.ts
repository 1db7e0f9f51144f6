import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { displayPath } from '../display-path.ts';
import { type Problem, problem } from '../problem.ts';

export interface DrillFolders {
  /** Absolute paths of `*.yaml` and `*.yml`, sorted, none twice. */
  readonly files: readonly string[];
  /** The folders themselves and those right below them. */
  readonly folders: readonly string[];
  readonly problems: readonly Problem[];
  /** Folders that could not be listed, though they may be there: what was read from them is not known to be gone. */
  readonly unreadable: readonly string[];
}

/** Looks one level deep; names that begin with a dot are left alone. */
export function listDrillFolders(folders: readonly string[], cwd: string | undefined): DrillFolders {
  const files = new Set<string>();
  const seen = new Set<string>();
  const problems: Problem[] = [];
  const unreadable: string[] = [];
  const visit = (folder: string, depth: number) => {
    seen.add(folder);
    for (const name of list(folder)) {
      const path = join(folder, name);
      if (name.startsWith('.')) continue;
      if (/\.ya?ml$/.test(name)) files.add(path);
      else if (depth === 0 && isFolder(path)) visit(path, 1);
    }
  };
  const list = (folder: string): string[] => {
    try {
      return readdirSync(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (code !== 'ENOENT') unreadable.push(folder);
      const expected =
        code === 'ENOENT'
          ? 'the folder does not exist'
          : code === 'ENOTDIR'
            ? 'the path is not a folder'
            : `the folder cannot be read (${code})`;
      problems.push(problem({ code: 'unreadable', file: displayPath(folder, cwd), place: { line: 0, column: 0 }, expected }));
      return [];
    }
  };
  for (const folder of folders) visit(resolve(folder), 0);
  return { files: [...files].toSorted(), folders: [...seen], problems, unreadable };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // a link that leads to itself: reading it as a file says so
    return false;
  }
}
