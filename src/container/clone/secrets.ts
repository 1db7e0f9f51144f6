import { join } from 'node:path';
import type { MountPoint } from '../../domain/engine/containers.ts';
import type { PathStat } from '../../domain/engine/files.ts';
import type { Engine } from '../../domain/engine.ts';
import { archiveEntries } from './archive.ts';

export interface Secret {
  /** On the host. */
  readonly source: string;
  readonly path: string;
}

/** Where Compose puts secrets, and where images look for them. */
const secretPath = /^\/(var\/)?run\/secrets(\/|$)/;
const runTime = /^\/(run|var\/run|dev|proc|sys)(\/|$)/;
/** More than that is no folder of secrets. */
const mostFiles = 64;
const mostBytes = 1024 * 1024;

/** The mounts of a container that are secrets of the host, each as the plain files that a clone may read too; without those that have none. */
export async function secretsOf(
  engine: Pick<Engine, 'statPath' | 'readArchive'>,
  id: string,
  mounts: readonly MountPoint[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<MountPoint, readonly Secret[]>> {
  const secrets = new Map<MountPoint, readonly Secret[]>();
  for (const mount of mounts) {
    const { Type, Source: source, Destination: path } = mount;
    if (Type !== 'bind' || !secretPath.test(path)) continue;
    const stat = await engine.statPath(id, path, { signal });
    const own = (file: Secret) => !mounts.some(({ Destination }) => Destination === file.path);
    if (isReadableSecret(source, stat)) secrets.set(mount, [{ source, path }]);
    else if (stat?.isDirectory === true && !runTime.test(source)) {
      const files = (await filesIn(engine, id, mount, signal)).filter(own);
      if (files.length > 0) secrets.set(mount, files);
    }
  }
  return secrets;
}

/** A socket is a door to the host however it is mounted, and what the host's run-time files are tomorrow nobody knows. */
export function isReadableSecret(source: string, stat: PathStat | null): boolean {
  return stat?.isFile === true && !runTime.test(source) && !source.endsWith('.sock');
}

/** One by one, since the folder as a whole may hold a socket, now or later. Their contents are not looked at. */
async function filesIn(
  engine: Pick<Engine, 'readArchive'>,
  id: string,
  { Source, Destination }: MountPoint,
  signal: AbortSignal | undefined,
): Promise<Secret[]> {
  const tar = await engine.readArchive(id, Destination, { signal });
  if (tar === null) return [];
  const files: Secret[] = [];
  let bytes = 0;
  for await (const { header, content } of archiveEntries(tar)) {
    // the first part is the folder's own name
    const parts = header.name.split('/').slice(1);
    if (content === null || parts.includes('..') || header.name.endsWith('.sock')) continue;
    bytes += header.size ?? 0;
    files.push({ source: join(Source, ...parts), path: join(Destination, ...parts) });
    if (files.length > mostFiles || bytes > mostBytes) return [];
  }
  return files;
}
