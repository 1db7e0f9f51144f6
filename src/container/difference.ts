import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { EndpointSettings } from '../domain/engine/networks.ts';
import { labels } from '../domain/target.ts';
import { isAnonymousName } from './mounts.ts';
import { shortId } from './names.ts';
import { chosenAliases, chosenMac } from './networks.ts';
import { means } from './references.ts';

export interface DifferenceOptions {
  /** With `current` the image, and Compose's label of it, may have moved on. Default `pinned`. */
  readonly image?: 'pinned' | 'current';
  /** Containers made again in the same go: a `container:…` that means the old one or the new one is the same reference. */
  readonly replaced?: readonly { readonly Id: string; readonly Name: string; readonly newId: string }[];
}

/**
 * Where two inspects of what should be the same container differ, but for identity, times and what the engine assigned: dotted paths,
 * `Config.Env.PGHOST`, sorted. Never values: an environment holds secrets. Both must have been running.
 */
export function difference(before: ContainerInspect, after: ContainerInspect, options: DifferenceOptions = {}): string[] {
  // made from the image's id when the tag has moved on: then the image itself says more
  const byId = [before, after].some((one) => one.Config.Image === one.Image);
  const a = comparable(before, byId, options);
  const b = comparable(after, byId, options);
  const random = new Set(randomMacs(before, after).map((network) => `Networks.${network}.MacAddress`));
  return [...paths('', a, b)].filter((path) => !random.has(path)).toSorted();
}

/**
 * From Docker 28 on the engine makes a new random MAC address at each start, which cannot be told from a chosen one: networks in which both
 * have such an address, locally administered and not made from the IPv4 address.
 */
function randomMacs(before: ContainerInspect, after: ContainerInspect): string[] {
  return Object.entries(before.NetworkSettings.Networks).flatMap(([network, one]) => {
    const other = after.NetworkSettings.Networks[network];
    return other !== undefined && [one, other].every((endpoint) => isLocal(chosenMac(endpoint))) ? [network] : [];
  });
}

/** The second bit of the first byte (IEEE 802). */
function isLocal(mac: string | null): boolean {
  return mac !== null && (Number.parseInt(mac.slice(0, 2), 16) & 2) === 2;
}

function comparable(inspect: ContainerInspect, byId: boolean, options: DifferenceOptions): unknown {
  const pinned = options.image !== 'current';
  const { Image, Hostname, MacAddress: _shownPerEndpoint, Env, Labels, ...config } = inspect.Config;
  const joins = inspect.HostConfig.NetworkMode.startsWith('container:');
  return {
    Name: inspect.Name,
    ...(pinned ? { Image: inspect.Image, Path: inspect.Path, Args: inspect.Args } : {}),
    Config: {
      ...config,
      // a joiner is shown with the name of the one that it joined
      Hostname: joins ? null : own(inspect, Hostname),
      Domainname: joins ? null : config.Domainname,
      Env: byName(Env ?? []),
      Image: byId ? null : Image,
      Labels: pinned ? Labels : { ...Labels, [labels.composeImage]: null },
    },
    HostConfig: hostConfig(inspect, options),
    Mounts: Object.fromEntries(inspect.Mounts.map((mount) => [mount.Destination, { ...mount, Mode: mode(mount.Mode) }])),
    Networks: Object.fromEntries(Object.entries(inspect.NetworkSettings.Networks).map(([name, one]) => [name, endpoint(inspect, one)])),
    Ports: fixedPorts(inspect),
  };
}

function hostConfig(inspect: ContainerInspect, options: DifferenceOptions): Readonly<Record<string, unknown>> {
  const host = inspect.HostConfig;
  const sameOwner = (reference: string) =>
    (options.replaced ?? []).find((one) => one.newId === reference || means(reference, one))?.newId ?? reference;
  const rejoined = (mode: string) => (mode.startsWith('container:') ? `container:${sameOwner(mode.slice(10))}` : mode);
  return {
    ...host,
    NetworkMode: host.NetworkMode === 'default' ? 'bridge' : rejoined(host.NetworkMode),
    IpcMode: rejoined(host.IpcMode),
    PidMode: rejoined(host.PidMode),
    VolumesFrom: host.VolumesFrom?.map((entry) => entry.replace(/^[^:]+/, sameOwner)),
    // what an anonymous volume asked for and what mounts it again: the volume itself is compared under Mounts
    Binds: host.Binds?.filter((bind) => bind.includes(':')),
    Mounts: host.Mounts?.filter((mount) => mount.Type !== 'volume' || (mount.Source && !isMountedAgain(mount))),
    OomKillDisable: host.OomKillDisable === true,
    // an empty list takes the masks off, a missing one leaves them
    MaskedPaths: JSON.stringify(host.MaskedPaths),
    ReadonlyPaths: JSON.stringify(host.ReadonlyPaths),
  };
}

function isMountedAgain(mount: Readonly<Record<string, unknown>>): boolean {
  const options = mount.VolumeOptions as { NoCopy?: boolean } | null | undefined;
  return isAnonymousName(mount.Source) && options?.NoCopy === true;
}

function endpoint(inspect: ContainerInspect, one: EndpointSettings): Readonly<Record<string, unknown>> {
  return {
    NetworkID: one.NetworkID,
    IPAMConfig: one.IPAMConfig,
    Links: one.Links,
    Aliases: chosenAliases(inspect, one).toSorted(),
    DNSNames: one.DNSNames?.map((name) => own(inspect, name)).toSorted(),
    DriverOpts: one.DriverOpts,
    GwPriority: one.GwPriority === 0 ? null : one.GwPriority,
    MacAddress: chosenMac(one),
  };
}

/** Ports of the host that were asked for by number; others are the engine's choice. */
function fixedPorts(inspect: ContainerInspect): Readonly<Record<string, unknown>> {
  const shown = inspect.NetworkSettings.Ports as
    | Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>>
    | undefined;
  const fixed = Object.entries(inspect.HostConfig.PortBindings ?? {}).filter(([, bindings]) =>
    (bindings ?? []).every((binding) => binding.HostPort !== '' && binding.HostPort !== '0' && !binding.HostPort.includes('-')),
  );
  return Object.fromEntries(fixed.map(([port]) => [port, (shown?.[port] ?? []).map((one) => `${one.HostIp}:${one.HostPort}`).toSorted()]));
}

function own(inspect: ContainerInspect, name: string): string {
  return name === shortId(inspect.Id) ? '<id>' : name;
}

/** `z` is what the engine writes for a volume that is mounted by name. */
function mode(mode: string): string {
  return mode
    .split(',')
    .filter((part) => part !== 'z')
    .join(',');
}

function byName(env: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(env.map((entry) => [entry.split('=')[0], entry]));
}

/** Missing, null and empty are one to the engine. */
function* paths(path: string, a: unknown, b: unknown): Generator<string> {
  if (isEmpty(a) && isEmpty(b)) return;
  if (isRecord(a) && isRecord(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) yield* paths(path === '' ? key : `${path}.${key}`, a[key], b[key]);
  } else if (JSON.stringify(a) !== JSON.stringify(b)) {
    yield path;
  }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
