/**
 * `npm run env`: writes `.env` for docker-compose.yml (the group that may use the engine's socket, and the shop's settings), and makes
 * the shop's images. Where the engine cannot pull, also those of Pitwall and the registry, from Debian packages.
 * Run it again when the engine's socket changes hands. What is in `.env` besides stays.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findEngine } from './engine/find.mjs';
import { canPull } from './images/can-pull.mjs';
import { ensureImage } from './images/ensure.mjs';
import { buildPitwallImage } from './images/pitwall.mjs';
import { ensureShopImages } from './images/shop.mjs';
import { registry } from './images/specs.mjs';
import { progress } from './lib/progress.mjs';
import { repository } from './lib/repository.mjs';
import { report, UserError } from './lib/user-error.mjs';
import { ensureShopSecrets } from './shop/secrets.mjs';

const file = join(repository, '.env');

try {
  const engine = await findEngine();
  if (!engine) throw new UserError('no Docker Engine answers', { hint: 'start one, or set DOCKER_HOST', exitCode: 2 });
  if (!engine.host.startsWith('unix://')) {
    throw new UserError(`${engine.host} is not a socket of this machine, which is what docker-compose.yml mounts`, {
      hint: 'point DOCKER_HOST at one',
    });
  }
  const socket = engine.host.slice('unix://'.length);
  const settings = {
    DOCKER_SOCKET: socket,
    DOCKER_GID: String(statSync(socket).gid),
    ...ensureShopSecrets(),
    ...(await makeImages(engine)),
  };
  writeSettings(settings);
  process.stdout.write(`${file}: the socket ${socket} belongs to group ${settings.DOCKER_GID}\n`);
} catch (error) {
  process.exitCode = report(error);
}

async function makeImages(engine) {
  const log = progress();
  await ensureShopImages(engine, { log });
  if (await canPull(engine, { log })) return {};
  const image = 'pitwall:local';
  await buildPitwallImage(engine, image, { log });
  log('these are ready to use: leave --build out of `docker compose up`');
  return { PITWALL_IMAGE: image, REGISTRY_IMAGE: await ensureImage(engine, registry, { log }) };
}

function writeSettings(settings) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept = lines.filter((line) => line && !Object.keys(settings).some((key) => line.startsWith(`${key}=`)));
  // It holds passwords.
  writeFileSync(file, `${[...kept, ...Object.entries(settings).map(([key, value]) => `${key}=${value}`)].join('\n')}\n`, { mode: 0o600 });
}
