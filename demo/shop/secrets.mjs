import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../lib/cache.mjs';

/**
 * The shop's passwords, made at first start and kept in the cache, never in the clone: those of the administrators in a file that only
 * we can read, those of the role `app` each in a file of a folder that is mounted into its containers.
 *
 * @returns {{ SHOP_DB_ADMIN_PASSWORD: string, SHOP_REDIS_ADMIN_PASSWORD: string, SHOP_SECRETS: string }}
 */
export function ensureShopSecrets() {
  const home = cacheFolder('shop');
  chmodSync(home, 0o700);
  const folder = join(home, 'secrets');
  mkdirSync(folder, { recursive: true });
  // The folder around it keeps other users out; inside a container its user must be able to read them.
  chmodSync(folder, 0o755);
  for (const name of ['db_password', 'redis_password'])
    if (!existsSync(join(folder, name))) write(join(folder, name), `${password()}\n`, 0o644);
  if (!existsSync(join(folder, 'db_role'))) firstRole();
  const file = join(home, 'admin.json');
  if (!existsSync(file)) write(file, JSON.stringify({ SHOP_DB_ADMIN_PASSWORD: password(), SHOP_REDIS_ADMIN_PASSWORD: password() }), 0o600);
  return { ...JSON.parse(readFileSync(file, 'utf8')), SHOP_SECRETS: folder };
}

/** A database that is made anew knows the role `app` alone, whichever of the two had its turn when the last one went. */
export function firstRole() {
  const folder = join(cacheFolder('shop'), 'secrets');
  if (existsSync(folder)) write(join(folder, 'db_role'), 'app\n', 0o644);
}

function password() {
  return randomBytes(18).toString('base64url');
}

function write(path, text, mode) {
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}
