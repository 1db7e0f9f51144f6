import type { ContainerInspect } from '../domain/engine/containers.ts';

const engineDefaultSeconds = 10;
/** A container may have no limit (-1): one that takes longer than this is reported as an engine that does not answer. */
const longestSeconds = 3_600;

/** How long the engine may take to end a container: its grace, or the one given. */
export function stopMs(inspect: ContainerInspect, graceSeconds: number | null): number {
  const seconds = graceSeconds ?? inspect.Config.StopTimeout ?? engineDefaultSeconds;
  return 1_000 * (seconds < 0 ? longestSeconds : Math.min(seconds, longestSeconds));
}
