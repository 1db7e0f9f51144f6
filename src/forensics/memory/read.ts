import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';

/**
 * Reading of /proc, at once: a file of it takes some µs, in which nothing has to wait for a disk, while each step through Node's threads
 * would take ten times that for as long as the container is frozen.
 */

/** A whole file; its characters are bytes. */
export function readText(path: string): string {
  return readFileSync(path, 'latin1');
}

/** The target of a link, as bytes; null when there is none or it may not be read. */
export function readLink(path: string): string | null {
  try {
    return readlinkSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** The first bytes of a file; null when it cannot be read. */
export function readStart(path: string, bytes: number): Buffer | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(fd, buffer, 0, bytes, 0));
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** `Name:\tvalue` lines, as in `status` and `fdinfo`. */
export function parseFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

/** A process or thread that ended answers with these. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ESRCH';
}

/** `EACCES`, …; undefined for what the system did not say. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
