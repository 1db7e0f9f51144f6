import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import { repository } from './repository.mjs';
import { run } from './run.mjs';

/** Lines that name the folders which were made and stay, with their size. All may be deleted when nothing runs. */
export async function describeCaches() {
  const folders = [cacheFolder(), join(repository, 'node_modules'), join(repository, 'dist')].filter(existsSync);
  const { out } = await run('du', ['-shx', ...folders], { anyway: true });
  const sizes = out
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace('\t', ' '));
  return sizes.length > 0 ? [`kept for the next time: ${sizes.join(', ')}`] : [];
}
