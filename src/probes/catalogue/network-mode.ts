import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Facts } from '../probe.ts';

export type NetworkMode = 'own' | 'none' | 'host' | 'container';

export function modeOf({ HostConfig, NetworkSettings }: ContainerInspect): NetworkMode {
  const mode = HostConfig.NetworkMode;
  if (mode === 'host') return 'host';
  if (mode.startsWith('container:')) return 'container';
  return Object.keys(NetworkSettings.Networks).every((name) => name === 'none') ? 'none' : 'own';
}

/** The container that it takes its network from, if that is running and not Pitwall's own. */
export function lender({ inspect, others }: Facts): ContainerInspect | null {
  const [kind, whose] = inspect.HostConfig.NetworkMode.split(':');
  if (kind !== 'container' || whose === undefined) return null;
  return others.find(({ Id, Name }) => Id === whose || Name === `/${whose}`) ?? null;
}

/** Running containers that live in its network beside it, or whose network it lives in. */
export function sharing(facts: Facts): readonly ContainerInspect[] {
  const own = lender(facts);
  const id = (own ?? facts.inspect).Id;
  const guests = facts.others.filter(({ HostConfig }) => HostConfig.NetworkMode === `container:${id}`);
  return own === null ? guests : [own, ...guests];
}
