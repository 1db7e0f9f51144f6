import { type CloneMount, cloneBody } from '../container/clone-spec.ts';
import type { Labels } from '../container/own.ts';
import type { ContainerInspect, CreateBody, ImageInspect } from '../domain/engine.ts';
import type { Probe } from './probe.ts';
import { toolsPath } from './script.ts';

type Json = Readonly<Record<string, unknown>>;

/** Whatever the original may have, a dummy never has more. */
const mostMemory = 512 * 1024 * 1024;
const leastPids = 256;
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
  /** The one limit that is the original's as it is; the others leave room for the instruments. */
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

/** Of its memory, whether a limit of the original is one that the dummy has too. */
export function memoryOf(inspect: ContainerInspect): number {
  const given = Number(inspect.HostConfig.Memory ?? 0);
  return given > 0 ? Math.min(given, mostMemory) : mostMemory;
}

function limits(inspect: ContainerInspect, alone: DummySpec['alone']): Json {
  const host = inspect.HostConfig;
  const memory = memoryOf(inspect);
  const pids = Number(host.PidsLimit ?? 0);
  const cpu = alone === 'cpu' ? {} : { NanoCpus: oneCpu, CpuQuota: 0, CpuPeriod: 0 };
  return {
    Memory: memory,
    MemorySwap: memory,
    MemoryReservation: 0,
    PidsLimit: pids <= 0 ? mostPids : alone === 'pids' ? Math.min(pids, mostPids) : Math.min(Math.max(pids, leastPids), mostPids),
    ...cpu,
  };
}
