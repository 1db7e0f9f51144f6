import { type CloneMount, cloneBody } from '../container/clone/spec.ts';
import type { Labels } from '../container/own.ts';
import type { ContainerInspect, CreateBody } from '../domain/engine/containers.ts';
import type { ImageInspect } from '../domain/engine/images.ts';
import type { Probe } from './probe.ts';
import { toolsPath } from './script.ts';

type Json = Readonly<Record<string, unknown>>;

const MiB = 1024 * 1024;
/** Whatever the original may have, a dummy never has more. */
const mostMemory = 512 * MiB;
const leastPids = 256;
const leastMemory = 64 * MiB;
const mostPids = 512;
const oneCpu = 1_000_000_000;

export interface DummySpec {
  readonly labels: Labels;
  /** The volume with the busybox. */
  readonly tools: string;
  /** The first of the networks that it joins, or `none`. */
  readonly network: string;
  /** Addresses of the name servers that its resolver asks; empty: the engine's. */
  readonly nameServers: readonly string[];
  readonly volumes: readonly CloneMount[];
  /** Of the host, read-only and without what is mounted below them. */
  readonly binds: readonly { readonly source: string; readonly path: string }[];
  readonly command: readonly string[];
  /** The one limit that is to bite, `triedMemory`, `triedPids` or `triedCpus` of the original's; the others leave room for the instruments. */
  readonly alone: Probe['alone'] | null;
}

/**
 * The crash-test dummy: a clone in all that confines it, on the original's networks, with what it mounts read-only or as scratch. Never
 * privileged, never in a namespace of the host or of another container.
 */
export function dummyBody(inspect: ContainerInspect, image: ImageInspect, spec: DummySpec): CreateBody {
  const tools: CloneMount = { volume: spec.tools, path: toolsPath, readOnly: true };
  const mounts = [...spec.volumes, tools];
  const { HostConfig, ...body } = cloneBody(inspect, image, { labels: spec.labels, network: spec.network, mounts, command: spec.command });
  const host = HostConfig ?? {};
  return {
    ...body,
    Image: inspect.Image,
    // a terminal would mix its streams, and lines of its own into them
    Tty: false,
    OpenStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      ...host,
      Privileged: false,
      Dns: spec.nameServers,
      // what it prints may hold what the target's secrets are: it is read as it comes, and no file has it
      LogConfig: { Type: 'none', Config: {} },
      Mounts: [
        ...(host.Mounts as readonly Json[]),
        ...spec.binds.map(({ source, path }) => ({
          Type: 'bind',
          Source: source,
          Target: path,
          ReadOnly: true,
          BindOptions: { NonRecursive: true, Propagation: 'rprivate' },
        })),
      ],
      ...limits(inspect, spec.alone),
    },
  };
}

/** Bytes at which a limit on memory is tried: a greater one than a dummy may have is stood for by a smaller. */
export function triedMemory(limit: number): number {
  return limit > mostMemory ? 256 * MiB : limit;
}

/** Processes at which a limit on them is tried, so that its dummy never has many more. */
export function triedPids(limit: number): number {
  return limit > 450 ? 128 : limit;
}

/** CPUs at which a limit on them is tried: no dummy loads a host with more than two. */
export function triedCpus(quota: number): number {
  return quota > 2 ? 1 : quota;
}

/** In CPUs; null: no quota. */
export function quotaOf({ HostConfig }: ContainerInspect): number | null {
  const nano = Number(HostConfig.NanoCpus ?? 0);
  if (nano > 0) return nano / 1e9;
  const quota = Number(HostConfig.CpuQuota ?? 0);
  return quota > 0 ? quota / (Number(HostConfig.CpuPeriod ?? 0) || 100_000) : null;
}

function limits(inspect: ContainerInspect, alone: DummySpec['alone']): Json {
  const host = inspect.HostConfig;
  const given = Number(host.Memory ?? 0);
  const memory = given <= 0 ? mostMemory : alone === 'memory' ? triedMemory(given) : Math.min(Math.max(given, leastMemory), mostMemory);
  const pids = Number(host.PidsLimit ?? 0);
  const quota = quotaOf(inspect) ?? 0;
  const cpu = alone === 'cpu' && triedCpus(quota) === quota ? {} : { NanoCpus: oneCpu, CpuQuota: 0, CpuPeriod: 0 };
  return {
    Memory: memory,
    MemorySwap: memory,
    MemoryReservation: 0,
    PidsLimit: pids <= 0 ? mostPids : alone === 'pids' ? triedPids(pids) : Math.min(Math.max(pids, leastPids), mostPids),
    ...cpu,
  };
}
