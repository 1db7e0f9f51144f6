import { relative } from 'node:path';

/** A path as people are shown it: short when it lies below the working directory. */
export function displayPath(path: string, cwd: string | undefined): string {
  if (cwd === undefined) return path;
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
