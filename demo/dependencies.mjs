import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compilerEnv } from './debian/compiler.mjs';
import { cacheFolder } from './lib/cache.mjs';
import { withLock } from './lib/lock.mjs';
import { repository } from './lib/repository.mjs';
import { run } from './lib/run.mjs';
import { UserError } from './lib/user-error.mjs';

/**
 * Installs what package-lock.json says, unless node_modules is that already.
 *
 * @param {{ log?: (line: string) => void, signal?: AbortSignal }} [options]
 */
export async function ensureDependencies({ log, signal } = {}) {
  if (installed()) return;
  await withLock(
    join(cacheFolder(), `npm-${digest(repository).slice(0, 8)}.lock`),
    async () => {
      if (installed()) return;
      const env = { ...process.env, ...buildEnv(), ...(await compilerEnv({ log })) };
      log?.('installing dependencies (npm ci); compiling SQLite takes some minutes');
      rmSync(stamp, { force: true });
      try {
        await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: repository, env, signal });
      } catch (error) {
        throw new UserError(`the dependencies cannot be installed: ${error.message}`, {
          hint: 'npm needs its registry, and to compile better-sqlite3 a C++ compiler, make and Python 3',
          cause: error,
        });
      }
      writeFileSync(stamp, wanted());
    },
    { log },
  );
}

const stamp = join(repository, 'node_modules/.pitwall-stamp');

/** The lock file, and what a compiled module depends on besides. */
function wanted() {
  return digest(`${readFileSync(join(repository, 'package-lock.json'))} ${process.versions.modules} ${process.platform} ${process.arch}`);
}

function installed() {
  if (!existsSync(join(repository, 'node_modules'))) return false;
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === wanted();
  return matchesLock();
}

/** Whether an installation that somebody else made holds each package of the lock file in its version. */
function matchesLock() {
  const there = join(repository, 'node_modules/.package-lock.json');
  if (!existsSync(there) || !existsSync(join(repository, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'))) return false;
  const have = JSON.parse(readFileSync(there, 'utf8')).packages;
  const want = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(
    ([path, { version, optional, peer }]) => path === '' || optional || peer || have[path]?.version === version,
  );
}

function buildEnv() {
  const prefix = join(dirname(process.execPath), '..');
  return {
    JOBS: 'max',
    // Where Node's headers are at hand they need not be fetched.
    ...(existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {}),
    // For Node 20 there is no ready-made build of this version of better-sqlite3, so do not look for one.
    ...(Number(process.versions.node.split('.')[0]) < 22 ? { npm_config_build_from_source: 'true' } : {}),
  };
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex');
}
