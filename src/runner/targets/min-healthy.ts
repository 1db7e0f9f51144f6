import type { Safety } from '../../domain/drill.ts';
import type { ContainerSummary } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { WorkUnit } from '../../domain/kind.ts';
import { countsAsHealthy, serviceKey, type Target } from '../../domain/target.ts';

/** How many of each service must stay up while targets are worked on. */
export interface HealthFloor {
  /** By service key. */
  readonly required: ReadonlyMap<string, number>;
  /** Services that go down altogether, because their only replica is a target. */
  readonly willBeDown: ReadonlySet<string>;
}

/** `minHealthy` of each service's containers that run and are not unhealthy, rounded up. */
export function healthFloor(safety: Safety, units: readonly WorkUnit[], running: readonly ContainerSummary[]): HealthFloor {
  const required = new Map<string, number>();
  const willBeDown = new Set<string>();
  for (const target of units.flatMap((unit) => (unit.untouched ? [] : unit.targets))) {
    const key = serviceKey(target);
    const healthy = running.filter((container) => serviceKey(container) === key && countsAsHealthy(container)).length;
    required.set(key, floorOf(safety.minHealthy, healthy));
    if (healthy <= 1) willBeDown.add(key);
  }
  return { required, willBeDown };
}

function floorOf(minHealthy: Safety['minHealthy'], healthy: number): number {
  if (minHealthy === null) return healthy >= 2 ? Math.ceil(healthy / 2) : 0;
  if (typeof minHealthy === 'object') return minHealthy.count;
  // 0.07 * 100 is 7.000000000000001: a rounding error must not ask for one more
  return Math.ceil(Number((minHealthy * healthy).toFixed(9)));
}

/** @throws RefusedError `min_healthy` when a unit could never be taken without going below the floor. */
export function refuseImpossible(floor: HealthFloor, units: readonly WorkUnit[], running: readonly ContainerSummary[]): void {
  for (const unit of units) {
    if (unit.untouched) continue;
    for (const [key, taken] of takenByService(unit.targets, running)) {
      const healthy = running.filter((container) => serviceKey(container) === key && countsAsHealthy(container)).length;
      const required = floor.required.get(key) ?? 0;
      if (required === 0 || healthy - taken >= required) continue;
      throw new RefusedError(
        'min_healthy',
        `${key} has ${healthy} healthy, and taking ${taken} would leave ${healthy - taken}; safety.minHealthy asks for ${required}`,
        {
          hint: 'add a replica, or lower safety.minHealthy',
        },
      );
    }
  }
}

function takenByService(targets: readonly Target[], running: readonly ContainerSummary[]): Map<string, number> {
  const taken = new Map<string, number>();
  for (const target of targets) {
    const now = running.find((container) => container.id === target.id);
    // one that is unhealthy already takes nothing away
    const counts = now === undefined || countsAsHealthy(now) ? 1 : 0;
    taken.set(serviceKey(target), (taken.get(serviceKey(target)) ?? 0) + counts);
  }
  return taken;
}

/** Whether the unit can be taken now, beside those that are being worked on. Asks the engine only when a floor stands. */
export async function mayTake(unit: WorkUnit, inFlight: ReadonlySet<string>, floor: HealthFloor, engine: Engine): Promise<boolean> {
  if (unit.untouched) return true;
  const keys = new Set(unit.targets.map(serviceKey).filter((key) => (floor.required.get(key) ?? 0) > 0));
  if (keys.size === 0) return true;
  const busy = new Set([...inFlight, ...unit.targets.map((target) => target.name)]);
  const running = await engine.list();
  return [...keys].every((key) => {
    // a target being worked on is counted out by its name: its replacement takes the name over
    const left = running.filter((container) => serviceKey(container) === key && countsAsHealthy(container) && !busy.has(container.name));
    return left.length >= (floor.required.get(key) ?? 0);
  });
}
