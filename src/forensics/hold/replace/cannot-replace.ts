import { isFixed } from '../../../container/networks.ts';
import { cannotRecreate } from '../../../container/obstacle.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';

/**
 * Why a frozen container cannot be replaced, as the end of a sentence that begins with its name; null when nothing stands against it.
 * What stands against making it again does here too, but that it is paused and that it removes itself: it is never stopped.
 */
export function cannotReplace(inspect: ContainerInspect, all: readonly ContainerInspect[]): string | null {
  const { NetworkMode } = inspect.HostConfig;
  if (isFixed(NetworkMode) && NetworkMode !== 'none') {
    const whose = NetworkMode === 'host' ? 'the host' : `another container (${NetworkMode.slice(10, 22)})`;
    return `uses the network of ${whose}, where the ports that it listens on stay taken while it is frozen: resume it or kill it`;
  }
  const running = { ...inspect.State, Paused: false, Running: true, Status: 'running' };
  const others = all.filter((one) => one.Id !== inspect.Id);
  const asIfRunning = { ...inspect, State: running, HostConfig: { ...inspect.HostConfig, AutoRemove: false } };
  return cannotRecreate(asIfRunning, [asIfRunning, ...others], new Set())?.replace(/: add (it|them) to the targets$/, '') ?? null;
}
