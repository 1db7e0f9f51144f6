import type { Engine, MountPoint, PathStat } from '../domain/engine.ts';

/** Where Compose puts secrets, and where images look for them. */
const secretPath = /^\/(var\/)?run\/secrets(\/|$)/;
const runTime = /^\/(run|var\/run|dev|proc|sys)(\/|$)/;

/** The mounts of a container that are secrets in plain files of the host: these a clone may read too. */
export async function secretsOf(
  engine: Pick<Engine, 'statPath'>,
  id: string,
  mounts: readonly MountPoint[],
  signal: AbortSignal | undefined,
): Promise<readonly MountPoint[]> {
  const secrets: MountPoint[] = [];
  for (const mount of mounts) {
    if (mount.Type !== 'bind' || !secretPath.test(mount.Destination)) continue;
    if (isReadableSecret(mount.Source, await engine.statPath(id, mount.Destination, { signal }))) secrets.push(mount);
  }
  return secrets;
}

/** A socket is a door to the host however it is mounted, a folder may hold one, and what its run-time files are tomorrow nobody knows. */
export function isReadableSecret(source: string, stat: PathStat | null): boolean {
  return stat?.isFile === true && !runTime.test(source) && !source.endsWith('.sock');
}
