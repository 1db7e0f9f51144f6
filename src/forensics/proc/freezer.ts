import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { readProcNow } from './read.ts';

/**
 * What the kernel's freezer says of a container, when its processes are those of this host; null when that cannot be seen. Two or three
 * small reads: it is asked on the way to a verified freeze.
 * https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html, https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function readFreezer(
  { Id, State }: Pick<ContainerInspect, 'Id' | 'State'>,
  { proc = '/proc', cgroups = '/sys/fs/cgroup' }: { readonly proc?: string; readonly cgroups?: string } = {},
): 'frozen' | 'thawed' | null {
  if (!State.Pid) return null;
  const groups = readProcNow(`${proc}/${State.Pid}/cgroup`);
  // without its id it is the number of somebody else's process: the engine is not on this host
  if (groups === null || !groups.includes(Id)) return null;
  const v1 = /^\d+:(?:[^:\n]*,)?freezer(?:,[^:\n]*)?:(.*)$/m.exec(groups)?.[1];
  if (v1 !== undefined) {
    const state = readProcNow(`${cgroups}/freezer${ownGroup(v1, Id)}/freezer.state`)?.trim();
    return state === undefined ? null : state === 'FROZEN' ? 'frozen' : 'thawed';
  }
  const v2 = /^0::(.*)$/m.exec(groups)?.[1];
  if (v2 === undefined) return null;
  const frozen = /^frozen ([01])$/m.exec(readProcNow(`${cgroups}${ownGroup(v2, Id)}/cgroup.events`) ?? '')?.[1];
  return frozen === undefined ? null : frozen === '1' ? 'frozen' : 'thawed';
}

/** The container's, when its first process has moved into one below it. */
function ownGroup(path: string, id: string): string {
  const parts = path.split('/');
  return parts.slice(0, parts.findIndex((part) => part.includes(id)) + 1).join('/');
}
