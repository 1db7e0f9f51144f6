/** What the kernel puts behind the name of a file that is gone. */
export const deletedMark = ' (deleted)';

export function withoutMark(path: string): string {
  return path.endsWith(deletedMark) ? path.slice(0, -deletedMark.length) : path;
}
