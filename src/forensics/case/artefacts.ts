import { names } from './case-path.ts';

/** What a case says in words of its own stands first in an export, so that whoever reads it from front to end knows what to expect. */
const first: readonly string[] = [names.readme, names.statement, names.key, names.custody, names.manifest];
const groups = ['files/', names.checkpoint, 'cores/', 'oci/'];

/** Files that the statement cannot cover, because they are made with it or after it. */
export function afterStatement(path: string): boolean {
  return path === names.statement || path === names.key || path === names.custody || path === names.index;
}

/** The one order of an export. */
export function exportOrder(paths: Iterable<string>): string[] {
  return [...paths].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}

function rank(path: string): number {
  const at = first.indexOf(path);
  if (at >= 0) return at;
  const group = groups.findIndex((beginning) => path.startsWith(beginning));
  return first.length + (group < 0 ? groups.length : group);
}
