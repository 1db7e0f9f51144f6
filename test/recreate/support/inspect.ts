import type { ContainerInspect, MountPoint } from '../../../src/domain/engine/containers.ts';
import type { ImageInspect } from '../../../src/domain/engine/images.ts';
import type { EndpointSettings } from '../../../src/domain/engine/networks.ts';
import { asTarget, type Target } from '../../../src/domain/target.ts';

export const imageId = `sha256:${'1'.repeat(64)}`;

interface Parts {
  readonly id?: string;
  readonly name?: string;
  readonly image?: string;
  readonly created?: string;
  readonly started?: string;
  readonly config?: Partial<ContainerInspect['Config']>;
  readonly host?: Partial<ContainerInspect['HostConfig']>;
  readonly state?: Partial<ContainerInspect['State']>;
  readonly mounts?: readonly MountPoint[];
  readonly networks?: Readonly<Record<string, Partial<EndpointSettings>>>;
}

/** An inspect as an engine gives it for a container with hardly an option. */
export function inspectOf(parts: Parts = {}): ContainerInspect {
  const id = parts.id ?? 'a'.repeat(64);
  return {
    Id: id,
    Name: `/${parts.name ?? 'web'}`,
    Created: parts.created ?? '2026-01-01T00:00:00.000000000Z',
    Path: 'sleep',
    Args: ['1'],
    Image: parts.image ?? imageId,
    State: {
      Status: 'running',
      Running: true,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: 1,
      ExitCode: 0,
      Error: '',
      StartedAt: parts.started ?? '2026-01-01T00:00:01.000000000Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ...parts.state,
    },
    Config: {
      Hostname: id.slice(0, 12),
      User: '',
      Env: null,
      Cmd: ['sleep', '1'],
      Entrypoint: null,
      Image: 'shop/web:1',
      Labels: {},
      ...parts.config,
    },
    HostConfig: {
      AutoRemove: false,
      NetworkMode: 'bridge',
      IpcMode: 'private',
      PidMode: '',
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      Binds: null,
      VolumesFrom: null,
      PortBindings: {},
      ...parts.host,
    },
    Mounts: parts.mounts ?? [],
    NetworkSettings: {
      Networks: Object.fromEntries(Object.entries(parts.networks ?? { bridge: {} }).map(([name, one]) => [name, endpointOf(one)])),
    },
    RestartCount: 0,
  };
}

export function endpointOf(parts: Partial<EndpointSettings> = {}): EndpointSettings {
  return { NetworkID: 'n'.repeat(64), EndpointID: 'e', Gateway: '', IPAddress: '172.17.0.2', MacAddress: '02:42:ac:11:00:02', ...parts };
}

export function imageOf(config: ImageInspect['Config'] = {}, id = imageId): ImageInspect {
  return { Id: id, RepoTags: [], RepoDigests: [], Created: '', Size: 0, Config: config };
}

export function targetOf(parts: Parts = {}): Target {
  return asTarget(inspectOf(parts));
}
