import { readExecutable } from './elf.ts';
import type { HelperFile } from './helper-files.ts';

/** Where the helper image has its busybox, if it has one. */
export const busyboxPath = '/pitwall/bin/busybox';

/** Where one is looked for on this machine. */
export function busyboxPlaces(cacheDir: string): string[] {
  return ['/bin/busybox', '/usr/bin/busybox', `${cacheDir}/busybox`];
}

/** The first of these that is a static program: it must run in images that have no library at all. Null when there is none. */
export async function findBusybox(candidates: readonly string[]): Promise<HelperFile | null> {
  for (const source of candidates) {
    // A place without one, and one that may not be read, are no busybox.
    const found = await readExecutable(source).catch(() => null);
    if (found !== null && found.interpreter === null) return { path: busyboxPath, source, mode: 0o755 };
  }
  return null;
}
