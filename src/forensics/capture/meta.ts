import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { EngineInfo } from '../../domain/engine.ts';
import type { CheckpointMeta } from '../case/checkpoint/meta.ts';

/** What an archive says of the container that it is of. */
export function checkpointMeta(inspect: ContainerInspect, frozenAt: string, restorable: boolean): CheckpointMeta {
  return {
    config: {
      id: inspect.Id,
      name: inspect.Name.replace(/^\//, ''),
      rootfsImageName: inspect.Config.Image,
      rootfsImage: inspect.Config.Image,
      rootfsImageRef: inspect.Image,
      runtime: runtimeOf(inspect),
      createdTime: inspect.Created,
      checkpointedTime: frozenAt,
    },
    spec: {
      annotations: { 'dev.pitwall.restorable': String(restorable) },
      mounts: inspect.Mounts.map(({ Destination: destination, Type: type, Source: source }) => ({ destination, type, source })),
    },
  };
}

/** For the image of an archive: what CRI-O, Podman, containerd and checkpointctl look for. */
export function checkpointAnnotations(inspect: ContainerInspect, info: EngineInfo, criu: string | null): Record<string, string> {
  const prefix = 'org.criu.checkpoint.';
  return {
    [`${prefix}engine.name`]: 'docker',
    [`${prefix}engine.version`]: info.version,
    [`${prefix}container.name`]: inspect.Name.replace(/^\//, ''),
    [`${prefix}rootfsImageName`]: inspect.Config.Image,
    [`${prefix}rootfsImageUserRequested`]: inspect.Config.Image,
    [`${prefix}rootfsImageID`]: inspect.Image,
    [`${prefix}runtime.name`]: runtimeOf(inspect),
    [`${prefix}host.arch`]: process.arch === 'x64' ? 'amd64' : process.arch,
    [`${prefix}host.kernel`]: info.kernel,
    [`${prefix}cgroup.version`]: `v${info.cgroupVersion ?? '1'}`,
    [`${prefix}distribution.name`]: info.os,
    ...(criu === null ? {} : { [`${prefix}criu.version`]: criu }),
  };
}

function runtimeOf(inspect: ContainerInspect): string {
  return typeof inspect.HostConfig.Runtime === 'string' && inspect.HostConfig.Runtime !== '' ? inspect.HostConfig.Runtime : 'runc';
}
