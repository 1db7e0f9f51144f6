import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { FileChange } from '../domain/engine/files.ts';
import type { Engine } from '../domain/engine.ts';
import { orNull } from './or-null.ts';

const mostStats = 200;
const atOnce = 8;

/** Files of those changes that have a bit to be executed by, and something in them; null when none was found, and there are too many to look at each. */
export async function executablesOf(
  engine: Pick<Engine, 'statPath'>,
  { Id: id, Mounts }: Pick<ContainerInspect, 'Id' | 'Mounts'>,
  changes: readonly FileChange[],
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  // what has something changed below it is a folder
  const folders = new Set(changes.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  // where a file is mounted the engine makes an empty one, which may be executed, and is hidden
  const mounted = new Set(Mounts.flatMap(({ Destination }) => [Destination, Destination.replace(/^\/var\/run\//, '/run/')]));
  const files = changes.filter(({ path, kind }) => kind !== 'deleted' && !folders.has(path) && !mounted.has(path));
  const likely = (path: string) => Number(/(^|\/)s?bin\/|\.(sh|so|py|pl)$|\/[^/.]+$/.test(path));
  const looked = files.toSorted((a, b) => likely(b.path) - likely(a.path)).slice(0, mostStats);
  const found: string[] = [];
  for (let at = 0; at < looked.length; at += atOnce) {
    const some = looked.slice(at, at + atOnce);
    const stats = await Promise.all(some.map(({ path }) => orNull(engine.statPath(id, path, { signal }))));
    stats.forEach((stat, index) => {
      const path = some[index]?.path;
      if (path !== undefined && stat !== null && !stat.isDirectory && !stat.isLink && stat.size > 0 && (stat.mode & 0o111) !== 0)
        found.push(path);
    });
  }
  return found.length === 0 && looked.length < files.length ? null : found;
}
