import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpackPackages } from '../debian/packages.mjs';
import { engineCall } from '../engine/api.mjs';
import { cacheFolder } from '../lib/cache.mjs';
import { run } from '../lib/run.mjs';
import { ownedFolders } from './owned-folders.mjs';
import { sendTar } from './send-tar.mjs';

/**
 * Makes an image of one layer from Debian packages, busybox for the shell and tools, and the spec's files, and imports it.
 * It needs no registry and no right but to write the cache.
 *
 * @param {{ host: string }} engine
 * @param {import('./ensure.mjs').ImageSpec} spec
 */
export async function buildFromDebian(engine, spec, { log } = {}) {
  const packages = [...new Set([...spec.packages, 'busybox-static'])];
  const unpacked = await unpackPackages(spec.suite, packages, { log });
  const work = mkdtempSync(join(cacheFolder('images'), 'root-'));
  try {
    const root = join(work, 'root');
    // Hard links: fast, and no second copy. Nothing below writes through them; files of ours replace, they do not change.
    await run('cp', ['-al', unpacked, root]);
    await furnish(root, spec);
    await importRoot(engine, root, spec);
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function furnish(root, spec) {
  for (const pattern of ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', ...(spec.prune ?? [])]) {
    // The shell expands `*`; what matches nothing is left as it stands, and -f does not mind.
    await run('/bin/sh', ['-c', `cd "$1" && rm -rf ${pattern}`, 'sh', root]);
  }
  for (const path of ['tmp', 'run', 'etc', 'proc', 'sys', 'dev', 'var/lib', 'var/log', 'root'])
    mkdirSync(join(root, path), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  await addBusybox(root);
  replace(join(root, 'etc/passwd'), PASSWD);
  replace(join(root, 'etc/group'), GROUP);
  if (spec.node) copy(process.execPath, join(root, 'usr/local/bin/node'));
  for (const [to, from] of Object.entries(spec.files ?? {})) copy(from, join(root, to));
  // What ldconfig would have made, so that programs find libraries that lie outside the default folders.
  if (existsSync(join(root, 'etc/ld.so.conf')) && existsSync('/sbin/ldconfig')) await run('/sbin/ldconfig', ['-r', root], { anyway: true });
}

async function addBusybox(root) {
  const busybox = join(root, 'usr/bin/busybox');
  const { out } = await run(busybox, ['--list']);
  for (const applet of out.trim().split('\n')) {
    const taken = ['usr/bin', 'usr/sbin'].some((folder) => lstatSync(join(root, folder, applet), { throwIfNoEntry: false }));
    if (!taken) symlinkSync('/usr/bin/busybox', join(root, 'usr/bin', applet));
  }
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, dereference: true, preserveTimestamps: true });
}

/** Writes a new file instead of into the old one, which is shared with the cache. */
function replace(path, text) {
  rmSync(path, { force: true });
  writeFileSync(path, text);
}

async function importRoot(engine, root, spec) {
  const folders = ownedFolders(spec);
  const query = new URLSearchParams({
    fromSrc: '-',
    repo: spec.tag.slice(0, spec.tag.lastIndexOf(':')),
    tag: spec.tag.slice(spec.tag.lastIndexOf(':') + 1),
  });
  // Docker 20.10 takes no STOPSIGNAL here; SIGTERM, which all of ours have, is the default.
  for (const line of spec.config.filter((text) => text !== 'STOPSIGNAL SIGTERM')) query.append('changes', line);
  for (const { path } of folders) mkdirSync(join(root, path), { recursive: true });
  const tar = spawn('/bin/sh', ['-c', tarScript(folders), 'sh', root], { stdio: ['ignore', 'pipe', 'pipe'] });
  const answer = await sendTar(tar, (body) => engineCall(engine.host, 'POST', `/images/create?${query}`, { body, timeout: 300_000 }));
  // The engine has said 200 by the time that it reads the tar: what went wrong then is in the stream.
  const failed = /"error":\s*"([^"]*)"/.exec(answer.text);
  if (failed) throw new Error(`import of ${spec.tag}: ${failed[1]}`);
}

/**
 * All belongs to root, but the folders that are named; whether we are root or not, since tar writes the owner.
 * Each named folder is a header alone (the first 512 bytes, without the zeros that end a tar), and the rest follows.
 */
function tarScript(folders) {
  const named = folders.map(
    ({ path, owner, mode }) =>
      `tar -C "$1" --no-recursion --owner=:${UIDS[owner]} --group=:${UIDS[owner]} --mode=${mode} -cf - .${path} | head -c 512`,
  );
  const excluded = folders.map(({ path }) => `--exclude=.${path}`).join(' ');
  return [...named, `tar -C "$1" --owner=:0 --group=:0 ${excluded} -cf - .`].join(' && ');
}

const UIDS = { root: 0, postgres: 998, redis: 999, node: 1000 };
const HOMES = { root: '/root', postgres: '/var/lib/postgresql', redis: '/data', node: '/home/node' };
const PASSWD = [
  ...Object.entries(UIDS).map(([name, id]) => `${name}:x:${id}:${id}::${HOMES[name]}:/bin/sh`),
  'nobody:x:65534:65534::/:/bin/false',
  '',
].join('\n');
const GROUP = [...Object.entries(UIDS).map(([name, id]) => `${name}:x:${id}:`), 'nogroup:x:65534:', ''].join('\n');
