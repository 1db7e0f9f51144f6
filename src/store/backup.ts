import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidError } from '../domain/errors.ts';
import type { Db } from './db.ts';
import { asDatabaseError } from './errors.ts';
import { syncFolder } from './sync-folder.ts';

/**
 * Copies beside the target first and then gives the copy its name, so that under the target's name there is a whole database or
 * nothing. Linking, unlike renaming, never replaces a file that is there.
 */
export async function backup(db: Db, file: string): Promise<void> {
  const target = resolve(file);
  const copy = `${target}.${process.pid}.part`;
  try {
    if (existsSync(target)) throw exists(target);
    // What an earlier process of this number may have left.
    rmSync(copy, { force: true });
    closeSync(openSync(copy, 'wx', 0o600));
    // All pages in one step: a copy in several begins again whenever another process writes in between, which may be for ever.
    await db.raw.backup(copy, { progress: () => 0x7fff_ffff });
    sync(copy);
    linkSync(copy, target);
    syncFolder(dirname(target));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw exists(target);
    throw asDatabaseError(error, target, { what: 'the copy cannot be written', elsewhere: 'name another file' });
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${copy}${suffix}`, { force: true });
  }
}

function exists(target: string): InvalidError {
  return new InvalidError('backup_exists', `${target} is there already`, { hint: 'name a file that is not there yet' });
}

function sync(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
