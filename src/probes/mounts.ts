import { type CloneMount, isFolder } from '../container/clone/spec.ts';
import type { ContainerInspect, MountPoint } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { systemFolders } from './system-folders.ts';

export interface DummyMounts {
  readonly volumes: readonly (CloneMount & { readonly own: boolean })[];
  readonly binds: readonly { readonly source: string; readonly path: string }[];
  /** What differs from the original, a sentence each. */
  readonly notes: readonly string[];
}

/** Of these, no dummy is given anything at all, not even read-only: what they are is said by the API. */
const engineFolders = ['/var/lib/docker', '/var/lib/containerd', '/run/containerd', '/run/docker'];

/**
 * What stands where the original has mounts: a volume that it may only read is the same one, read-only; one that it may write, an empty one of
 * the dummy's own; a file or folder of the host, the same read-only; a folder of the host that it may write, an empty volume; a socket, or a folder
 * of the host's system, nothing.
 */
export async function mountsOf(
  engine: Pick<Engine, 'statPath' | 'info'>,
  inspect: ContainerInspect,
  name: string,
  options: { readonly signal: AbortSignal; readonly binds: boolean },
): Promise<DummyMounts> {
  const volumes: (CloneMount & { own: boolean })[] = [];
  const binds: { source: string; path: string }[] = [];
  const notes: string[] = [];
  const { rootDir } = await engine.info({ signal: options.signal });
  for (const [index, mount] of inspect.Mounts.entries()) {
    const path = mount.Destination;
    if (mount.Type === 'tmpfs') continue;
    const scratch = () => {
      volumes.push({ volume: `${name}-${index}`, path, readOnly: !mount.RW, own: true });
      notes.push(`an empty volume stands at ${path}`);
    };
    if (mount.Type === 'volume' && mount.Name !== undefined) {
      if (mount.RW || mount.Source === '') scratch();
      else volumes.push({ volume: mount.Name, path, readOnly: true, own: false });
      continue;
    }
    const left = mount.Type !== 'bind' ? `${mount.Type} is left out` : whyLeftOut(mount, rootDir);
    if (left !== null || !options.binds) {
      notes.push(`nothing is mounted at ${path}: ${left ?? 'the engine would not mount it'}`);
      continue;
    }
    const stat = await engine.statPath(inspect.Id, path, { signal: options.signal });
    // by what it is: a link of any name may lead to the engine's socket, and to mount it read-only keeps nobody from talking to it
    if (stat === null || stat.isSocket || stat.isLink)
      notes.push(`nothing is mounted at ${path}: ${stat?.isSocket === true ? 'it is a socket' : 'what it is could not be told'}`);
    else if (mount.RW && isFolder(stat)) scratch();
    else binds.push({ source: mount.Source, path });
  }
  return { volumes, binds, notes };
}

function whyLeftOut({ Source }: MountPoint, rootDir: string): string | null {
  const source = Source.replace(/(?<=.)\/+$/, '');
  if (systemFolders.includes(source) || engineFolders.some((folder) => isIn(source, folder)))
    return `${source} belongs to the host's system`;
  if (rootDir !== '' && (isIn(source, rootDir) || isIn(rootDir, source))) return `${source} holds what is the engine's own`;
  if (source.endsWith('.sock') || /^\/(run|var\/run|dev|proc|sys)\//.test(source)) return `${source} is of the host's run-time`;
  return null;
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
