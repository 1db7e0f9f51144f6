import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../lib/repository.mjs';
import { packageClosure } from './closure.mjs';
import { ensureImage } from './ensure.mjs';
import { postgres, redis, SUITE } from './specs.mjs';

/**
 * Makes sure that the engine has the images of the demo shop.
 *
 * @param {{ host: string }} engine
 * @param {{ log?: (line: string) => void }} [options]
 */
export async function ensureShopImages(engine, { log } = {}) {
  for (const spec of [shop(), postgres, redis]) await ensureImage(engine, spec, { log });
}

/** All services of the shop that are programs of its own: one image, started with different commands. */
function shop() {
  const apps = join(repository, 'demo/shop/apps');
  const modules = packageClosure(['pg', 'ioredis']);
  return {
    tag: 'pitwall-demo/shop:1',
    official: 'node:22-alpine',
    suite: SUITE,
    packages: ['libstdc++6', 'libgcc-s1'],
    prune: ['usr/lib/*/gconv'],
    node: true,
    files: {
      ...Object.fromEntries(readdirSync(apps).map((name) => [`/app/${name}`, join(apps, name)])),
      ...Object.fromEntries(Object.entries(modules).map(([to, from]) => [`/app/${to}`, from])),
    },
    config: ['WORKDIR /app', 'USER node', 'EXPOSE 8080', 'STOPSIGNAL SIGTERM', 'ENTRYPOINT []', 'CMD ["node", "/app/web.js"]'],
  };
}
