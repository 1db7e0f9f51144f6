import { statfs } from 'node:fs/promises';
import { FailedError } from '../../domain/errors.ts';

/** What kept a file of a case from being written, told with the disk that it concerns. A full disk is `evidence_no_space`. */
export async function writeFailure(error: unknown, folder: string, path: string): Promise<FailedError> {
  if (error instanceof FailedError) return error;
  if (!isFull(error)) {
    return new FailedError('evidence_unwritable', `${path} of the case in ${folder} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const free = await freeBytes(folder);
  const left = free === null ? '' : `: ${free} bytes are free`;
  return new FailedError(
    'evidence_no_space',
    `the disk of ${folder} is full${left}; ${path} was cut, and what was written before is kept`,
    {
      hint: 'free some space there or set evidence.path to another disk; pitwall evidence prune removes old cases',
      cause: error,
      context: { folder, path, free },
    },
  );
}

/** What an unprivileged process could still write; null when the disk does not say. */
export async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

export function isFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
