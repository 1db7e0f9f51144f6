import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { run } from '../lib/run.mjs';

/**
 * Whether another Docker Engine runs in our network namespace. One that starts beside it would flush its isolation rules: its
 * networks would be open to each other until they are made again.
 */
export function hasOtherEngine() {
  const own = readlinkSync('/proc/self/ns/net');
  return readdirSync('/proc').some((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'dockerd' && readlinkSync(`/proc/${pid}/ns/net`) === own
      );
    } catch {
      return false;
    }
  });
}

/** Makes a network namespace that lasts as long as the file `path` is mounted, with a loopback that is up. */
export async function makeNamespace(path, env) {
  writeFileSync(path, '');
  await run('unshare', [`--net=${path}`, 'true'], { env });
  await run('nsenter', [`--net=${path}`, 'ip', 'link', 'set', 'lo', 'up'], { env });
}

export async function removeNamespace(path, env) {
  await run('umount', ['-l', path], { env, anyway: true });
  rmSync(path, { force: true });
}

/** What comes before a command so that it runs in the namespace. */
export function enterNamespace(path) {
  return ['nsenter', `--net=${path}`];
}

/**
 * As enterNamespace, for an engine: /sys must show that namespace's interfaces, and a mount namespace of its own keeps that from the machine.
 * The cgroups hang below /sys and are carried over.
 */
export function enterAsEngine(path, hold) {
  const script = `mount --rbind /sys/fs/cgroup '${hold}' && mount -t sysfs sysfs /sys && mount --rbind '${hold}' /sys/fs/cgroup && umount -l '${hold}' && exec "$@"`;
  return ['nsenter', `--net=${path}`, 'unshare', '--mount', '--propagation', 'slave', '/bin/sh', '-c', script, 'sh'];
}
