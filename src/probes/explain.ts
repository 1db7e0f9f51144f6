import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { ImageInspect } from '../domain/engine/images.ts';
import type { Severity } from '../domain/words.ts';
import { weakDummies } from './catalogue.ts';
import type { Ground, Group, Probe, SafetyClass } from './probe.ts';
import { cisVersion, references } from './references.ts';

/** All that a probe says of itself. */
export interface Explained {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly severity: Severity;
  readonly safety: SafetyClass;
  readonly attempt: string;
  readonly reading: string;
  readonly control: string;
  /** Why it has a dummy of its own; null where it shares one. */
  readonly alone: 'pids' | 'memory' | 'cpu' | null;
  /** `weakDummy`: in which it must be broken; null where there can be none, for the reason. */
  readonly selfTest: {
    readonly weakDummy: string | null;
    readonly how: 'run' | 'declared' | null;
    readonly reachesHost: boolean;
    readonly reason: string | null;
  };
  readonly cis: { readonly version: string; readonly id: string } | null;
  readonly attack: readonly string[];
  /** As they would be run in a dummy of a plain container; none where the API alone is asked. */
  readonly commands: readonly { readonly step: string; readonly command: string }[];
}

export function explain(probe: Probe): Explained {
  const { id, group, title, severity, safety, attempt, reading, control } = probe;
  const { cis, attack } = references[id] ?? {};
  return {
    id,
    group,
    title,
    severity,
    safety,
    attempt,
    reading,
    control,
    alone: probe.alone ?? null,
    selfTest: selfTestOf(probe),
    cis: cis === undefined ? null : { version: cisVersion, id: cis },
    attack: attack ?? [],
    commands: (probe.steps?.(plainGround) ?? []).map(({ name, run }) => ({ step: name, command: run })),
  };
}

function selfTestOf({ weakness }: Probe): Explained['selfTest'] {
  if ('none' in weakness) return { weakDummy: null, how: null, reachesHost: false, reason: weakness.none };
  const weak = weakDummies.find(({ name }) => name === weakness.in);
  return { weakDummy: weakness.in, how: weak?.how ?? null, reachesHost: weak?.reachesHost === true, reason: null };
}

/** What `docker run IMAGE` makes, on the default network, with one volume. */
const plainGround: Ground = {
  inspect: {
    Id: '',
    Name: '/plain',
    Path: '',
    Args: [],
    Image: '',
    Mounts: [],
    Config: { User: '', Env: [], Image: 'image:1', Labels: {}, Entrypoint: null, Cmd: null, ExposedPorts: {} },
    HostConfig: { NetworkMode: 'bridge', PidMode: '', IpcMode: 'private', PidsLimit: null, Memory: 0, Binds: null, PortBindings: {} },
    NetworkSettings: { Networks: {}, Ports: {} },
    State: { Status: 'running', Running: true },
  } as unknown as ContainerInspect,
  image: { Id: '', RepoTags: ['image:1'], RepoDigests: [], Config: { User: '', Env: [], Volumes: null } } as unknown as ImageInspect,
  scratch: ['/volume'],
  gateways: ['172.17.0.1'],
  outside: { real: true },
  mark: null,
};
