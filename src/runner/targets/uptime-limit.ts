import type { Drill } from '../../domain/drill.ts';
import type { ContainerSummary } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { dueAge } from '../../drills/reverse-uptime/age.ts';
import type { Params } from '../../drills/reverse-uptime/params.ts';
import { matches } from './match.ts';

/** How old a container may get, by the drill that asks the most of it. */
export interface UptimeLimit {
  readonly drill: string;
  /** Age in ms at which it falls due. */
  readonly ms: number;
  /** Of what: a drill that only restarts counts from the start of the processes, which a list of containers does not tell. */
  readonly of: 'container' | 'processes';
}

/** The limits that the catalogue sets on an engine. Whether a container opted in is another question: one that is over age and left alone should be seen. */
export function uptimeLimits(
  engine: Pick<Engine, 'name' | 'environment'>,
  drills: readonly Drill[],
): (container: ContainerSummary) => UptimeLimit | null {
  const here = drills.filter(
    ({ kind, environments, targets: { engines } }) =>
      kind === 'reverse-uptime' &&
      engine.environment !== null &&
      environments.includes(engine.environment) &&
      (engines === null || engines.includes(engine.name)),
  );
  return (container) => {
    const limits = here
      .filter((drill) => matches(drill.targets, container))
      .map((drill): UptimeLimit => {
        const params = drill.params as Params;
        return { drill: drill.name, ms: dueAge(container.name, params), of: params.mode === 'restart' ? 'processes' : 'container' };
      });
    // what is measured goes first, then the shorter one
    return limits.sort((a, b) => Number(a.of === 'processes') - Number(b.of === 'processes') || a.ms - b.ms)[0] ?? null;
  };
}
