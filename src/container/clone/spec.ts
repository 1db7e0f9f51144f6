import type { ContainerInspect, CreateBody } from '../../domain/engine/containers.ts';
import type { PathStat } from '../../domain/engine/files.ts';
import type { ImageInspect } from '../../domain/engine/images.ts';
import { labels } from '../../domain/target.ts';
import { shortId } from '../names.ts';
import type { Labels } from '../own.ts';

type Json = Readonly<Record<string, unknown>>;

/** What stands at one of the original's mounts in the clone. */
export interface CloneMount {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
}

export interface CloneSpec {
  readonly labels: Labels;
  /** `none`, or the name of a network of ours. */
  readonly network: string;
  /** Names that it has in the network besides its own. */
  readonly aliases?: readonly string[] | undefined;
  readonly mounts: readonly CloneMount[];
  /** Files and folders of the host, read-only. */
  readonly secrets?: readonly { readonly source: string; readonly path: string }[] | undefined;
  /** In place of the original's entrypoint and command. */
  readonly command: readonly string[] | null;
  /** It has the original's healthcheck and restart policy. */
  readonly keeps?: Keeps | undefined;
}

/** What a clone keeps of the original's life besides its process. (Default: neither.) */
export interface Keeps {
  readonly healthcheck?: boolean | undefined;
  readonly restartPolicy?: boolean | undefined;
}

const memoryBytes = 512 * 1024 * 1024;
const processes = 512;
/** The most of what the original itself is limited to. */
const mostMemoryBytes = 2 * 1024 * 1024 * 1024;
const mostProcesses = 4_096;
const nanoCpus = 1_000_000_000;

/** What confines a process. All else that a host configuration can say is left out, so that what an engine adds later is not taken over unseen. */
const confinement = [
  'CapAdd',
  'CapDrop',
  'CgroupnsMode',
  'DeviceCgroupRules',
  'DeviceRequests',
  'Devices',
  'GroupAdd',
  'Init',
  'MaskedPaths',
  'OomScoreAdj',
  'Privileged',
  'ReadonlyPaths',
  'ReadonlyRootfs',
  'Runtime',
  'SecurityOpt',
  'ShmSize',
  'Tmpfs',
  'Ulimits',
  'UsernsMode',
] as const;
const cpuLimits = ['CpuPeriod', 'CpuQuota', 'CpuShares', 'CpusetCpus', 'CpusetMems', 'NanoCpus'] as const;
const memoryLimits = ['Memory', 'MemoryReservation', 'MemorySwap', 'MemorySwappiness'] as const;

/** The same image, user, environment and confinement, with nothing of the original's surroundings: no labels, ports, peers, volumes, log driver. */
export function cloneBody(inspect: ContainerInspect, image: ImageInspect, spec: CloneSpec): CreateBody {
  const { Config: config } = inspect;
  const named = config.Hostname !== shortId(inspect.Id) && !inspect.HostConfig.NetworkMode.includes(':');
  return {
    Image: inspect.Image,
    User: config.User,
    Env: config.Env ?? [],
    WorkingDir: config.WorkingDir,
    Tty: config.Tty,
    OpenStdin: config.OpenStdin,
    StopSignal: config.StopSignal,
    ...(typeof config.StopTimeout === 'number' ? { StopTimeout: config.StopTimeout } : {}),
    ...(named && inspect.HostConfig.UTSMode !== 'host' ? { Hostname: config.Hostname } : {}),
    ...commandOf(inspect, image, spec.command),
    Healthcheck: (spec.keeps?.healthcheck === true ? config.Healthcheck : undefined) ?? { Test: ['NONE'] },
    Labels: { ...withoutCounting(image), ...spec.labels },
    HostConfig: hostConfig(inspect, spec),
    ...(isFilled(spec.aliases) ? { NetworkingConfig: { EndpointsConfig: { [spec.network]: { Aliases: spec.aliases } } } } : {}),
  };
}

/** Why only an idle command may run in a clone, as the end of a sentence; null where the original's own can do no harm. */
export function cannotRunItself({ HostConfig: host }: ContainerInspect): string | null {
  if (host.Privileged === true) return 'is privileged';
  if (isFilled(host.Devices) || isFilled(host.DeviceRequests)) return 'has devices of the host';
  return null;
}

/** A folder of the original that the clone can have a volume at: a file, a socket or what is gone would keep it from starting. */
export function isFolder(stat: PathStat | null): boolean {
  return stat?.isDirectory === true;
}

function commandOf(inspect: ContainerInspect, image: ImageInspect, command: readonly string[] | null): Json {
  if (command !== null) return { Entrypoint: command, Cmd: [] };
  const none = !isFilled(inspect.Config.Entrypoint) && isFilled(image.Config.Entrypoint);
  // null would bring the image's back
  return { Entrypoint: none ? [''] : inspect.Config.Entrypoint, Cmd: inspect.Config.Cmd ?? [] };
}

/** The engine adds the image's labels; one that opts in, or makes it part of a service, must not count. */
export function withoutCounting(image: ImageInspect): Labels {
  const counts = (name: string) => name.startsWith('pitwall.') || name.startsWith('com.docker.');
  return Object.fromEntries(
    Object.keys(image.Config.Labels ?? {})
      .filter(counts)
      .map((name) => [name, name === labels.skip ? 'true' : '']),
  );
}

function hostConfig(inspect: ContainerInspect, spec: CloneSpec): Json {
  const host = inspect.HostConfig;
  const memory = memoryOf(host);
  const bounded = ['NanoCpus', 'CpuQuota'].some((key) => Number(host[key] ?? 0) > 0);
  const tmpfs = (host.Mounts ?? []).filter((mount) => mount.Type === 'tmpfs');
  const volumes = spec.mounts.map(({ volume, path, readOnly }) => ({ Type: 'volume', Source: volume, Target: path, ReadOnly: readOnly }));
  const binds = (spec.secrets ?? []).map(({ source, path }) => ({ Type: 'bind', Source: source, Target: path, ReadOnly: true }));
  return {
    ...taken(host, confinement),
    ...memory,
    ...taken(host, cpuLimits),
    ...(bounded ? {} : { NanoCpus: nanoCpus }),
    PidsLimit: Number(host.PidsLimit ?? 0) > 0 ? Math.min(Number(host.PidsLimit), mostProcesses) : processes,
    Sysctls: ownSysctls(host.Sysctls, spec.network),
    NetworkMode: spec.network,
    IpcMode: host.IpcMode === 'none' ? 'none' : 'private',
    PidMode: '',
    Mounts: [...tmpfs, ...volumes, ...binds],
    RestartPolicy: spec.keeps?.restartPolicy === true ? inspect.HostConfig.RestartPolicy : { Name: 'no' },
    AutoRemove: false,
    // not the original's driver, which may send what it prints to somewhere
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
  };
}

/** The original's own, within ours: what has a huge limit, or none, must not take the host's memory for a drill. */
function memoryOf(host: Json): Json {
  const own = Number(host.Memory ?? 0);
  if (own > 0 && own <= mostMemoryBytes) return taken(host, memoryLimits);
  const bytes = own > 0 ? mostMemoryBytes : memoryBytes;
  return { Memory: bytes, MemorySwap: bytes };
}

/** Those of a network are refused where there is none. */
function ownSysctls(all: unknown, network: string): Json {
  const entries = Object.entries((all ?? {}) as Json);
  return Object.fromEntries(entries.filter(([name]) => network !== 'none' || !name.startsWith('net.')));
}

function taken(host: Json, keys: readonly string[]): Json {
  return Object.fromEntries(keys.filter((key) => host[key] !== undefined && host[key] !== null).map((key) => [key, host[key]]));
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
