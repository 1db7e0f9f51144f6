import type { ContainerInspect, MountPoint } from '../../domain/engine/containers.ts';
import type { SubjectSpec } from './subject.ts';

/**
 * An engine's answer on a container that was made to be looked at, completed with what was kept from it because it could act on that: its folders of
 * the host, its restart policy, the ports that it would publish, its name and labels. As an engine writes them.
 */
export function asDeclared(
  inspect: ContainerInspect,
  spec: Pick<SubjectSpec, 'name' | 'body' | 'binds'>,
  labels: Readonly<Record<string, string>>,
): ContainerInspect {
  const binds = spec.binds.map(({ source, target, readOnly }) => `${source}:${target}:${readOnly ? 'ro' : 'rw'}`);
  const restart = spec.body.HostConfig?.RestartPolicy as ContainerInspect['HostConfig']['RestartPolicy'] | undefined;
  return {
    ...inspect,
    Name: `/${spec.name}`,
    Config: { ...inspect.Config, Labels: labels },
    HostConfig: {
      ...inspect.HostConfig,
      Binds: binds.length === 0 ? inspect.HostConfig.Binds : [...(inspect.HostConfig.Binds ?? []), ...binds],
      ...(restart === undefined ? {} : { RestartPolicy: restart }),
    },
    Mounts: [...inspect.Mounts, ...spec.binds.map(mountPoint)],
    NetworkSettings: { ...inspect.NetworkSettings, Ports: publishedOf(inspect) },
  };
}

function mountPoint({ source, target, readOnly, propagation }: SubjectSpec['binds'][number]): MountPoint {
  return { Type: 'bind', Source: source, Destination: target, Mode: readOnly ? 'ro' : 'rw', RW: !readOnly, Propagation: propagation };
}

/** A port that names no address is published on every one. */
function publishedOf({ HostConfig: { PortBindings: bindings } }: ContainerInspect): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(bindings ?? {}).map(([port, all]) => [
      port,
      all?.map(({ HostIp, HostPort }) => ({ HostIp: HostIp === '' ? '0.0.0.0' : HostIp, HostPort })) ?? null,
    ]),
  );
}
