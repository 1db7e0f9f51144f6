import type { ContainerInspect } from '../domain/engine/containers.ts';
import { dependsOn } from './references.ts';

/**
 * Containers that must be worked on together, in the order given: those that live in each other's namespaces or hold each other's volumes
 * by id. Within a unit the one that others depend on comes first.
 */
export function unitsOf<T extends { readonly inspect: ContainerInspect }>(members: readonly T[]): T[][] {
  const left = new Set(members);
  const units: T[][] = [];
  for (const first of members) {
    if (!left.delete(first)) continue;
    const unit = [first];
    for (const member of unit) {
      for (const other of left) {
        if (!dependsOn(other.inspect, member.inspect) && !dependsOn(member.inspect, other.inspect)) continue;
        left.delete(other);
        unit.push(other);
      }
    }
    units.push(ownersFirst(unit));
  }
  return units;
}

function ownersFirst<T extends { readonly inspect: ContainerInspect }>(unit: readonly T[]): T[] {
  const waiting = [...unit];
  const ordered: T[] = [];
  while (waiting.length > 0) {
    const free = waiting.findIndex((one) => !waiting.some((other) => other !== one && dependsOn(one.inspect, other.inspect)));
    // a circle cannot be made with the engine; if it is there all the same, any order is as good
    ordered.push(...waiting.splice(Math.max(0, free), 1));
  }
  return ordered;
}
