import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder where everything that is fetched or made once is kept, made if missing:
 * PITWALL_CACHE, else $XDG_CACHE_HOME/pitwall, else ~/.cache/pitwall. It may be deleted at any time when nothing runs.
 *
 * @param {...string} parts a folder inside it
 */
export function cacheFolder(...parts) {
  const { PITWALL_CACHE, XDG_CACHE_HOME } = process.env;
  const base = PITWALL_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'pitwall');
  const folder = join(base, ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}
