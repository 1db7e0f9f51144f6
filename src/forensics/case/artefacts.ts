import { names } from './case-path.ts';

/** What a case says in words of its own stands first in an export, so that whoever reads it from front to end knows what to expect. */
const first: readonly string[] = [names.readme, names.statement, names.key, names.custody, names.manifest];
/** Archives of memory stand at the top; an image's blob comes last, as it may be a link to one of them. */
const groups = ['files/', '', 'cores/', 'oci/'];

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
  return first.length + groups.indexOf(path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : '');
}
