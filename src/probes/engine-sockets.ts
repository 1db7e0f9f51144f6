import pLimit from 'p-limit';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';

const engines = ['docker', 'containerd', 'podman', 'crio', 'buildkit'];
const files = ['docker.sock', 'containerd.sock', 'podman.sock', 'crio.sock', 'buildkitd.sock', 'cri-dockerd.sock', 'dockershim.sock'];
/** Where engines have their sockets, below what may be mounted: `/run` itself, its parents, or an engine's own folder. */
const usual = [
  ...files,
  ...['', 'run/', 'var/run/'].flatMap((folder) => [
    ...(folder === '' ? [] : [`${folder}docker.sock`]),
    ...engines.map((name) => `${folder}${name}/${name === 'buildkit' ? 'buildkitd' : name}.sock`),
  ]),
];
const atOnce = 8;

/**
 * Of the original's own mounts, as its dummy has an empty volume where it may write: sockets, and links that may lead to one, by the usual
 * names; and mounts that are a socket, whatever they are called. Null when one could not be asked for.
 */
export async function socketsOf(
  engine: Pick<Engine, 'statPath'>,
  { Id, Mounts }: Pick<ContainerInspect, 'Id' | 'Mounts'>,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const limit = pLimit(atOnce);
  const look = (path: string) => limit(() => engine.statPath(Id, path, { signal }));
  try {
    const found = await Promise.all(
      Mounts.filter(({ Type }) => Type !== 'tmpfs').map(async ({ Destination }) => {
        const mount = await look(Destination);
        if (mount === null) return [];
        if (mount.isSocket) return [Destination];
        if (!mount.isDirectory && !mount.isLink) return [];
        const paths = usual.map((name) => `${Destination.replace(/\/+$/, '')}/${name}`);
        const stats = await Promise.all(paths.map(look));
        return paths.filter((_, index) => stats[index]?.isSocket === true || stats[index]?.isLink === true);
      }),
    );
    return found.flat();
  } catch (error) {
    if (error instanceof EngineError && !error.lost) return null;
    throw error;
  }
}
