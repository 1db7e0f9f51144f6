import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { InvalidError } from '../domain/errors.ts';

/**
 * The folder of Pitwall's own state: `$PITWALL_HOME`, else the configuration file's, else `/var/lib/pitwall` if it can be written, else
 * `~/.local/state/pitwall`. Never the working directory as such. It may not exist yet.
 */
export function chooseHome(
  file: string | null,
  { env, home }: { readonly env: Readonly<Record<string, string | undefined>>; readonly home: string },
): string {
  const named = env.PITWALL_HOME;
  if (named !== undefined && named !== '') {
    if (isAbsolute(named)) return resolve(named);
    throw new InvalidError(
      'bad_configuration',
      `PITWALL_HOME: "${named}" is not an absolute path: Pitwall's state would move with the working directory`,
    );
  }
  if (file !== null) return dirname(file);
  return writable(system) ? system : join(home, '.local', 'state', 'pitwall');
}

const system = '/var/lib/pitwall';

/** Can be written, or made. */
function writable(folder: string): boolean {
  if (!existsSync(folder) && dirname(folder) !== folder) return writable(dirname(folder));
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
