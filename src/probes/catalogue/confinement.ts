import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { type Answer, broken, type Facts } from '../probe.ts';
import { defaultCapabilities } from './capabilities.ts';

/** What the API says of a container's confinement, read the same by all probes. */
export function securityOptions({ HostConfig }: ContainerInspect): readonly string[] {
  return (HostConfig.SecurityOpt as readonly string[] | null | undefined) ?? [];
}

export function isPrivileged({ HostConfig }: ContainerInspect): boolean {
  return HostConfig.Privileged === true;
}

/** gVisor and Kata answer with a kernel of its own, so what the host's would say is not there. */
export function hasOwnKernel({ HostConfig }: ContainerInspect): boolean {
  const { Runtime } = HostConfig;
  return typeof Runtime === 'string' && /runsc|gvisor|kata/.test(Runtime);
}

/** The capabilities that the API promises as bounding set, without `CAP_`; null: all. */
export function declaredCapabilities(inspect: ContainerInspect): readonly string[] | null {
  const names = (key: 'CapAdd' | 'CapDrop') =>
    ((inspect.HostConfig[key] as readonly string[] | null | undefined) ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, ''));
  const added = names('CapAdd');
  const dropped = names('CapDrop');
  if (isPrivileged(inspect) || added.includes('ALL')) return null;
  const kept = dropped.includes('ALL') ? [] : defaultCapabilities.filter((name) => !dropped.includes(name));
  return [...new Set([...kept, ...added])];
}

/** A privileged target has no dummy; where being so says enough, it is broken. `why` goes on after `it is privileged:`. */
export function privilegedIs(facts: Facts, why: string): Answer | null {
  return facts.unattempted !== null && isPrivileged(facts.inspect) ? broken(`it is privileged: ${why}`) : null;
}

/** Namespaces may be joined by way of another container; `host` where the last of them is the host's. */
export function namespaceMode(facts: Facts, key: 'PidMode' | 'IpcMode'): string {
  const mode = facts.inspect.HostConfig[key];
  const other = mode.startsWith('container:') ? mode.slice('container:'.length) : null;
  const joined = facts.others.find(({ Id, Name }) => other !== null && (Id.startsWith(other) || Name === `/${other}`));
  return joined?.HostConfig[key] === 'host' ? 'host' : mode;
}

/** It never ran, so there is nothing of it to be seen. */
export function neverRan({ State }: ContainerInspect): boolean {
  return State.Status === 'created';
}

/** Before a step that a detector is to see. */
export function marked(mark: string | null, run: string): string {
  return mark === null ? run : `PITWALL_MARK=${mark}; export PITWALL_MARK; ${run}`;
}
