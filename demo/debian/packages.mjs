import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../lib/cache.mjs';
import { withLock } from '../lib/lock.mjs';
import { run } from '../lib/run.mjs';
import { sourcesFor } from './archive.mjs';

/**
 * Debian packages, with every library that they need, unpacked in a folder of the cache. Nothing is installed in the machine,
 * no install script is run, and no rights are needed but those to write the cache. A set that is there is not fetched again.
 *
 * @param {string} suite trixie, bookworm, sid, or `host` for the suite and the archive of this machine
 * @param {string[]} packages
 * @param {object} [options]
 * @param {(line: string) => void} [options.log]
 * @param {(root: string, final: string) => Promise<void>} [options.finish] done once, in the unpacked `root`, which will lie at `final`
 * @returns {Promise<string>} the folder, which looks like the root of a file system
 */
export async function unpackPackages(suite, packages, { log, finish } = {}) {
  const base = cacheFolder('packages', suite);
  const name = [packages[0], digest([suite, ...packages])].join('-');
  const root = join(base, name);
  if (existsSync(root)) return root;
  return withLock(
    join(base, `${name}.lock`),
    async () => {
      if (existsSync(root)) return root;
      for (const left of readdirSync(base)) if (left.startsWith(`${name}.partial`)) rmSync(join(base, left), { recursive: true });
      log?.(`fetching ${packages.join(', ')} and what they need from Debian ${suite === 'host' ? 'as this machine has it' : suite}`);
      const work = mkdtempSync(join(base, `${name}.partial-`));
      await download(suite, packages, work, log);
      await extract(join(work, 'archives'), join(work, 'root'));
      await finish?.(join(work, 'root'), root);
      // Last, and in one step: a set that was interrupted half way is never taken for a whole one.
      renameSync(join(work, 'root'), root);
      rmSync(work, { recursive: true });
      return root;
    },
    { log },
  );
}

async function download(suite, packages, work, log) {
  const lists = cacheFolder('apt', suite);
  const apt = await privateApt(suite, lists, work);
  const install = ['-qq', '-y', '--download-only', 'install', ...packages];
  await withLock(join(lists, 'lock-pitwall'), () => refresh(apt, lists, false), { log });
  if ((await apt(install, { anyway: true })).code === 0) return;
  // The archive has moved on since the lists were fetched.
  await withLock(join(lists, 'lock-pitwall'), () => refresh(apt, lists, true), { log });
  await apt(install);
}

async function refresh(apt, lists, force) {
  const stamp = join(lists, 'fetched');
  const dayOld = Date.now() - 24 * 3_600_000;
  if (!force && existsSync(stamp) && statSync(stamp).mtimeMs > dayOld) return;
  await apt(['-qq', '--error-on=any', 'update']);
  writeFileSync(stamp, '');
}

/** apt-get with a state of its own: this machine's own lists, packages and hooks are not touched, its proxy settings are kept. */
async function privateApt(suite, lists, work) {
  mkdirSync(join(lists, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(work, 'archives', 'partial'), { recursive: true });
  writeFileSync(join(work, 'status'), '');
  writeFileSync(join(work, 'sources.list'), await sourcesFor(suite));
  const acquire = (await run('apt-config', ['dump'])).out.split('\n').filter((line) => /^Acquire::(?!IndexTargets)/.test(line));
  const own = {
    'Dir::Etc::Main': '/nonexistent',
    'Dir::Etc::Parts': '/nonexistent',
    'Dir::Etc::SourceList': join(work, 'sources.list'),
    'Dir::Etc::SourceParts': '/nonexistent',
    'Dir::Etc::Preferences': '/nonexistent',
    'Dir::Etc::PreferencesParts': '/nonexistent',
    'Dir::State::Lists': join(lists, 'lists'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache::archives': join(work, 'archives'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': '1',
  };
  const file = join(work, 'apt.conf');
  writeFileSync(file, [...acquire, ...Object.entries(own).map(([key, value]) => `${key} "${value}";`), ''].join('\n'));
  // By environment, because apt reads this file before all others: with -c the machine's own would have been read by then.
  return (args, options) =>
    run('apt-get', args, { ...options, env: { ...process.env, APT_CONFIG: file, DEBIAN_FRONTEND: 'noninteractive' } });
}

async function extract(archives, root) {
  // As on an installed system, so that packages of before and after the merge of /bin and /usr/bin land in one place.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(join('usr', name), join(root, name));
  }
  for (const deb of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink --no-same-owner -C "$2"';
    await run('/bin/sh', ['-c', script, 'sh', join(archives, deb), root]);
  }
}

function digest(parts) {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}
