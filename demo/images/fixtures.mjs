import { pathToFileURL } from 'node:url';
import { progress } from '../lib/progress.mjs';
import { report } from '../lib/user-error.mjs';
import { ensureImage } from './ensure.mjs';
import { ensureShopImages } from './shop.mjs';
import { anchor, busybox, haproxy } from './specs.mjs';

/**
 * Makes sure that the engine has the images that the suite uses; those that are there and unchanged are left alone.
 *
 * @param {{ host: string }} engine
 * @param {{ log?: (line: string) => void }} [options]
 */
export async function ensureFixtureImages(engine, { log } = {}) {
  for (const spec of [busybox, haproxy, anchor]) await ensureImage(engine, spec, { log });
  // the databases, and the shop's own programs as their consumers
  await ensureShopImages(engine, { log });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  ensureFixtureImages({ host }, { log: progress() }).catch((error) => {
    process.exitCode = report(error);
  });
}
