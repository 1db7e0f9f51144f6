import { resolve } from 'node:path';
import { type ExitCode, exitCodes } from '../../domain/errors.ts';
import type { App } from '../app.ts';

/** `pitwall backup FILE`: a consistent copy, taken while others write. */
export async function backupCommand(file: string, app: App): Promise<ExitCode> {
  const path = resolve(app.cwd, file);
  const store = await app.store();
  await store.backup(path);
  app.out.data({ file: path, of: store.path });
  app.out.line(`written: ${path}, a copy of ${store.path}`);
  return exitCodes.ok;
}
