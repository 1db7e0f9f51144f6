import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseError } from '../domain/errors.ts';

interface UnwritableWords {
  readonly what: string;
  readonly elsewhere: string;
}

const theDatabase: UnwritableWords = { what: 'the database cannot be read and written', elsewhere: 'name another with PITWALL_STORE_PATH' };

/** The one place where an error of SQLite or of the file system becomes one of ours. Anything else (a defect) is returned as it is. */
export function asDatabaseError(error: unknown, path: string, unwritable: UnwritableWords = theDatabase): unknown {
  const code = codeOf(error);
  if (code === null) return error;
  const details = { cause: error, context: { path, sqlite: code } };
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT' || (code.startsWith('SQLITE_IOERR') && isFull(path))) {
    return new DatabaseError('database_full', `${path}: no space left for the database`, {
      ...details,
      hint: 'free space on that file system; what was committed is safe',
    });
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new DatabaseError('database_locked', `${path}: another process has held the database for longer than 5 s`, {
      ...details,
      hint: 'end the program that holds it (a shell of sqlite3, a backup tool), then try again',
    });
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return corrupt(path, 'is damaged or is not a database', details);
  if (/^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH|IOERR)|EACCES|EPERM|EROFS|ENOTDIR|EISDIR|ENOENT|EEXIST|EIO|ELOOP|ENAMETOOLONG)/.test(code)) {
    return new DatabaseError('database_unwritable', `${path}: ${unwritable.what} (${code})`, {
      ...details,
      hint: `make ${dirname(path)} a folder that this user may write to, or ${unwritable.elsewhere}`,
    });
  }
  return error;
}

export function corrupt(
  path: string,
  what: string,
  details: { readonly cause?: unknown; readonly context?: Readonly<Record<string, unknown>> } = {},
) {
  return new DatabaseError('database_corrupt', `${path}: the file ${what}`, {
    ...details,
    hint: 'move the file away and put a copy made by `pitwall backup` in its place; without one, start with an empty database',
  });
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^(SQLITE_|E[A-Z]+$)/.test(error.code) ? error.code : null;
}

/** SQLite reports some full disks as an I/O error: of its shared memory, or of a write that the file system cut short. */
function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < 256 * 1024;
  } catch {
    return false;
  }
}
