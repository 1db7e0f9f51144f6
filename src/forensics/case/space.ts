import { statfsSync } from 'node:fs';
import { FailedError } from '../../domain/errors.ts';

/** What kept a file of a case from being written, told with the disk that it concerns: `evidence_no_space` or `evidence_unwritable`. */
export function writeFailure(error: unknown, folder: string, path: string): FailedError {
  if (error instanceof FailedError) return error;
  if (!isFull(error)) {
    return new FailedError('evidence_unwritable', `${path} of the case in ${folder} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const free = freeBytes(folder);
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

export function isFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL';
}

/** What an unprivileged process could still write; null when the disk does not say. */
function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
