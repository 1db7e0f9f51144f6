import { randomBytes } from 'node:crypto';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import { ownLabels } from '../own.ts';
import { secretsOf } from './secrets.ts';
import { type CloneMount, cloneBody, isFolder, type Keeps } from './spec.ts';

export interface CloneOptions {
  readonly runId: string;
  /** The database's id. */
  readonly instance: string;
  /** UTC ms. */
  readonly now: number;
  /** ms after which a sweep takes what a crash left. */
  readonly expiresMs: number;
  /** `isolated`: an internal network of its own; or one of ours that is there, which stays its maker's. (Default: `none`.) */
  readonly networks?: 'none' | 'isolated' | { readonly join: string; readonly aliases: readonly string[] };
  /**
   * What stands where the original has volumes and folders of the host: `scratch`, new volumes of its own; `read-only`, the original's volumes,
   * read-only (a folder of the host becomes scratch even then: it may hold a socket, which that would not stop); `none`, what the image has
   * there. Never anything shared that can be written. (Default: `scratch`.)
   */
  readonly volumes?: 'scratch' | 'read-only' | 'none';
  /** What the original has of the host at `/run/secrets`, or below, as far as it is plain files on a disk: the same, read-only, or as `volumes` says. (Default: as `volumes` says.) */
  readonly secrets?: 'read-only' | undefined;
  /** (Default: neither its healthcheck nor its restart policy.) */
  readonly keeps?: Keeps | undefined;
  /** In place of the original's entrypoint and command. (Default: those.) */
  readonly command?: readonly string[] | undefined;
  /** Volumes of ours that it gets as well. */
  readonly mounts?: readonly CloneMount[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Clone {
  readonly id: string;
  readonly name: string;
  /** Its scratch volumes; those of `mounts` are their maker's. */
  readonly volumes: readonly string[];
  readonly network: string | null;
  /** What it has not of the original, a sentence each. */
  readonly notes: readonly string[];
}

type Hands = Pick<
  Engine,
  | 'create'
  | 'start'
  | 'remove'
  | 'inspectImage'
  | 'statPath'
  | 'readArchive'
  | 'createVolume'
  | 'removeVolume'
  | 'createNetwork'
  | 'removeNetwork'
>;

/**
 * Makes a container of ours from another's inspect and starts it: image, user, environment, command and confinement are the original's;
 * its labels, ports, networks and log driver are not, nor are its healthcheck and restart policy unless kept, and limits are added or lowered to ours. Whatever goes wrong, nothing of it
 * is left. Throws `FailedError` when it cannot be made or started, the signal's reason, or the engine's error when that is lost.
 */
export async function makeClone(engine: Hands, inspect: ContainerInspect, options: CloneOptions): Promise<Clone> {
  const { signal, networks = 'none' } = options;
  // a name for people; nothing depends on it, so it need not be repeatable
  const name = `pitwall-clone-${randomBytes(4).toString('hex')}`;
  const labels = ownLabels({ ...options, role: 'clone', expiresAt: options.now + options.expiresMs });
  const volumes: string[] = [];
  let network: string | null = null;
  let id: string | null = null;
  try {
    signal?.throwIfAborted();
    const image = await engine.inspectImage(inspect.Image, { signal });
    const { mounts, secrets, notes } = await mountsOf(engine, inspect, name, options);
    for (const { volume } of mounts.filter((mount) => mount.own)) {
      volumes.push(volume);
      await engine.createVolume(volume, labels);
    }
    if (networks === 'isolated') {
      network = name;
      await engine.createNetwork(network, { Internal: true, Labels: labels });
    }
    signal?.throwIfAborted();
    const body = cloneBody(inspect, image, {
      labels,
      network: typeof networks === 'object' ? networks.join : (network ?? 'none'),
      aliases: typeof networks === 'object' ? networks.aliases : undefined,
      mounts: [...mounts, ...(options.mounts ?? [])],
      secrets,
      command: options.command ?? null,
      keeps: options.keeps,
    });
    // without a signal: a creation that is cut off may have happened, and then nobody knows its id
    id = (await engine.create(name, body)).id;
    await engine.start(id);
    return { id, name, volumes, network, notes };
  } catch (error) {
    // the first error is the one to tell; what cannot be removed now is the sweep's
    await removeClone(engine, { id: id ?? name, volumes, network }).catch(() => undefined);
    if (!(error instanceof EngineError) || error.lost) throw error;
    throw new FailedError('clone', `a clone of ${inspect.Name.slice(1)} could not be started: ${error.message}`, { cause: error });
  }
}

/** The container, its volumes and its network; what is gone already is fine. */
export async function removeClone(
  engine: Pick<Engine, 'remove' | 'removeVolume' | 'removeNetwork'>,
  { id, volumes, network }: Pick<Clone, 'id' | 'volumes' | 'network'>,
): Promise<void> {
  await engine.remove(id, { force: true, anonymousVolumes: true });
  for (const volume of volumes) await engine.removeVolume(volume);
  if (network !== null) await engine.removeNetwork(network);
}

interface Mounts {
  readonly mounts: readonly (CloneMount & { readonly own: boolean })[];
  readonly secrets: readonly { readonly source: string; readonly path: string }[];
  readonly notes: readonly string[];
}

async function mountsOf(engine: Hands, inspect: ContainerInspect, name: string, options: CloneOptions): Promise<Mounts> {
  const { volumes = 'scratch', signal } = options;
  const all = inspect.Mounts.filter(({ Type }) => Type !== 'tmpfs');
  const kept: Awaited<ReturnType<typeof secretsOf>> =
    options.secrets === 'read-only' ? await secretsOf(engine, inspect.Id, all, signal) : new Map();
  const secrets = [...kept.values()].flat();
  const mounted = all.filter((mount) => !kept.has(mount));
  if (volumes === 'none')
    return { mounts: [], secrets, notes: mounted.map(({ Destination }) => `it has not what is mounted at ${Destination}`) };
  const mounts: (CloneMount & { own: boolean })[] = [];
  const notes: string[] = [];
  for (const [index, mount] of mounted.entries()) {
    const path = mount.Destination;
    if (volumes === 'read-only' && mount.Type === 'volume' && mount.Name !== undefined) {
      mounts.push({ volume: mount.Name, path, readOnly: true, own: false });
    } else if (mount.Type === 'volume' || isFolder(await engine.statPath(inspect.Id, path, { signal }))) {
      // one that the original may only read is no place to write for the clone either
      mounts.push({ volume: `${name}-${index}`, path, readOnly: !mount.RW, own: true });
      notes.push(`it has an empty volume at ${path}`);
    } else {
      notes.push(`it has not what is mounted at ${path}`);
    }
  }
  return { mounts, secrets, notes };
}
