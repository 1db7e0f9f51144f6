import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FailedError, InvalidError } from '../domain/errors.ts';
import type { App } from './app.ts';

/**
 * Where a flag's file will be, absolute.
 *
 * @throws InvalidError when it could not be written
 */
export function outputPath(flag: string, file: string, cwd: string): string {
  const path = resolve(cwd, file);
  const refuse = (why: string) =>
    new InvalidError('unwritable', `${flag} ${file}: ${why}`, { hint: 'make the folder first, or name another' });
  const folder = dirname(path);
  try {
    if (!statSync(folder).isDirectory()) throw refuse(`${folder} is no folder`);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof InvalidError) throw error;
    throw refuse(
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? `the folder ${folder} does not exist`
        : `the folder ${folder} cannot be written to`,
    );
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw refuse('it is a folder');
  return path;
}

/**
 * What is written in the place of Pitwall's own files would cost more than it is worth.
 *
 * @param files by flag, absolute; null for a flag that was not given
 * @param besides further files that are read, absolute, and what they are
 */
export function refuseOwn(files: Readonly<Record<string, string | null>>, besides: readonly (readonly [string, string])[], app: App): void {
  const { store, file, home } = app.config();
  const own = new Map<string, string>(
    [
      ...['', '-wal', '-shm', '-journal'].map((end) => [`${store.path}${end}`, 'Pitwall’s database'] as const),
      [resolve(home, 'token'), 'the token of serve'] as const,
      ...(file === null ? [] : [[resolve(app.cwd, file), 'the configuration'] as const]),
      ...besides,
    ].map(([path, what]) => [real(path), what]),
  );
  for (const [flag, path] of Object.entries(files)) {
    const what = path === null ? undefined : own.get(real(path));
    if (what !== undefined) throw new InvalidError('unwritable', `--${flag} ${path}: it is ${what}`, { hint: 'name another file' });
  }
}

/** Whole or not at all: whoever waits for the file never reads half of it. Throws `FailedError` `output` when it cannot be written. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new FailedError('output', `${path} could not be written: ${(error as Error).message}`, { cause: error });
  }
}

/** As the file system has it, also of a file that is not there yet. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return existsSync(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path;
  }
}
