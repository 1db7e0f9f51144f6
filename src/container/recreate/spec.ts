import type { ContainerInspect, CreateBody } from '../../domain/engine/containers.ts';
import type { ImageInspect } from '../../domain/engine/images.ts';
import { labels } from '../../domain/target.ts';
import { apiAtLeast } from '../api-version.ts';
import { withoutImageValues } from '../image-values.ts';
import { anonymousVolumes, hasSource, isNamed, mountAgain } from '../mounts.ts';
import { plainName, shortId } from '../names.ts';
import { type Networking, networkingFrom } from '../networks.ts';
import { joinedContainer, means, volumeSource } from '../references.ts';

type Json = Readonly<Record<string, unknown>>;

export interface SpecOptions {
  /** As negotiated, `1.45`. */
  readonly apiVersion: string;
  /**
   * `pinned`: the image that the container runs. `current`: what its reference names now; then what merely came from the old image is
   * left to the new one.
   */
  readonly image: 'pinned' | 'current';
  /** The image that the container runs. Needed for `current`, and to keep an entrypoint that was taken away. */
  readonly oldImage: ImageInspect;
  /** The containers that it takes volumes from. */
  readonly sources?: readonly ContainerInspect[];
  /** Containers that are made again in the same go, and their new ids: `container:…` then means the new one. */
  readonly replaced?: readonly { readonly Id: string; readonly Name: string; readonly newId: string }[];
}

export interface RecreateSpec {
  readonly body: CreateBody;
  readonly connect: Networking['connect'];
  readonly disconnect: Networking['disconnect'];
}

/**
 * The same container again: all that it was given is passed on whole, and only what the engine made of it is corrected.
 * `image` is what `Config.Image` names now, or null when that names nothing any more; with `pinned` the new container keeps the
 * reference as long as it still means the image that runs, and is made from the image's id otherwise.
 */
export function createBodyFrom(inspect: ContainerInspect, image: ImageInspect | null, options: SpecOptions): RecreateSpec {
  const joins = joinedContainer(inspect.HostConfig.NetworkMode) !== null;
  const networking = networkingFrom(inspect, options.apiVersion);
  const current = options.image === 'current' && image !== null;
  const config: Json = current && image.Id !== inspect.Image ? withoutImageValues(inspect, options.oldImage) : inspect.Config;
  const reference = current || image?.Id === inspect.Image ? inspect.Config.Image : inspect.Image;
  const body = withoutUndefined({
    ...config,
    ...ownHostName(inspect, joins),
    ...entrypoint(inspect, config, options.oldImage),
    // a joiner may not have what belongs to the network; the image's ports come back by themselves
    ...(joins ? { ExposedPorts: undefined } : {}),
    // from API 1.44 on it is said for each endpoint
    ...(joins || apiAtLeast(options.apiVersion, '1.44') ? { MacAddress: undefined } : {}),
    Image: reference,
    Labels: labelsFor(config.Labels as CreateBody['Labels'], current ? image : null),
    HostConfig: hostConfig(inspect, options),
    ...(Object.keys(networking.endpoints).length > 0 ? { NetworkingConfig: { EndpointsConfig: networking.endpoints } } : {}),
  }) as CreateBody;
  return { body, connect: networking.connect, disconnect: networking.disconnect };
}

/** The engine names a container after its id unless told otherwise; a joiner has the name of the one that it joins. */
function ownHostName(inspect: ContainerInspect, joins: boolean): Json {
  if (joins) return { Hostname: undefined, Domainname: undefined };
  const assigned = inspect.Config.Hostname === shortId(inspect.Id) || inspect.HostConfig.UTSMode === 'host';
  return assigned ? { Hostname: undefined } : {};
}

/** Null would bring the image's entrypoint back; `[""]` is how the API says that there is none. */
function entrypoint(inspect: ContainerInspect, config: Json, oldImage: ImageInspect): Json {
  if (!('Entrypoint' in config) || config.Entrypoint === undefined) return {};
  const none = (inspect.Config.Entrypoint ?? []).length === 0;
  return none && (oldImage.Config.Entrypoint ?? []).length > 0 ? { Entrypoint: [''] } : {};
}

/** Compose remembers the image's id in a label, and would make the container again if it named another than the one it has. */
function labelsFor(own: CreateBody['Labels'], newImage: ImageInspect | null): CreateBody['Labels'] {
  const all = own ?? {};
  return newImage !== null && labels.composeImage in all ? { ...all, [labels.composeImage]: newImage.Id } : all;
}

function hostConfig(inspect: ContainerInspect, options: SpecOptions): Json {
  const old = inspect.HostConfig;
  const anonymous = anonymousVolumes(inspect, options.sources);
  const mounts = (old.Mounts ?? []).filter(isNamed);
  const replaced = options.replaced ?? [];
  return withoutUndefined({
    ...old,
    NetworkMode: rejoined(old.NetworkMode, replaced),
    IpcMode: rejoined(old.IpcMode, replaced),
    PidMode: rejoined(old.PidMode, replaced),
    VolumesFrom: old.VolumesFrom?.map((entry) => entry.replace(volumeSource(entry), newReference(volumeSource(entry), replaced))) ?? null,
    Links: links(old.Links),
    Binds: old.Binds?.filter(hasSource) ?? null,
    Mounts: mounts.length + anonymous.length > 0 ? [...mounts, ...anonymous.map(mountAgain)] : old.Mounts,
    // deprecated: zero says nothing, and not every engine takes it back
    KernelMemory: old.KernelMemory || undefined,
    KernelMemoryTCP: old.KernelMemoryTCP || undefined,
  });
}

function rejoined(mode: string, replaced: NonNullable<SpecOptions['replaced']>): string {
  const owner = joinedContainer(mode);
  return owner === null ? mode : `container:${newReference(owner, replaced)}`;
}

function newReference(reference: string, replaced: NonNullable<SpecOptions['replaced']>): string {
  return replaced.find((one) => means(reference, one))?.newId ?? reference;
}

/** Shown as `/db:/web/alias`, wanted as `db:alias`. */
function links(shown: unknown): unknown {
  if (!Array.isArray(shown)) return shown;
  return shown.map((link: string) => {
    const [source = '', alias = ''] = link.split(':');
    return `${plainName(source)}:${alias.split('/').at(-1)}`;
  });
}

function withoutUndefined(value: Json): Json {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}
