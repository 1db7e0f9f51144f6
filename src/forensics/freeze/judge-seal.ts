import type { EngineEvent } from '../../domain/engine/events.ts';
import type { Seal, SealReading } from '../../domain/evidence.ts';

/** What lets a frozen container run, or ends it: https://docs.docker.com/reference/api/engine/, "Monitor events". */
const thawing: ReadonlySet<string> = new Set(['unpause', 'start', 'restart', 'die', 'kill', 'stop', 'oom', 'destroy']);

export interface SealWitness {
  /** What CRIU's own code used. */
  readonly checkpointCpuNs?: number | null | undefined;
  /** Those between the freeze and the end reading. */
  readonly events: readonly EngineEvent[];
  readonly blind: boolean;
}

/** Whether nothing ran between the two readings: each proof that speaks against it breaks the seal, each that is missing leaves it unknown. */
export function judgeSeal(start: SealReading | null, end: SealReading | null, witness: SealWitness): Seal {
  const broken: string[] = [];
  const unknown: string[] = [];
  const events = witness.events.map(({ action, timeNano }) => ({ at: new Date(Number(timeNano / 1_000_000n)).toISOString(), action }));
  for (const event of events) {
    if (thawing.has(event.action)) broken.push(`the engine reports ${event.action} at ${event.at}`);
  }
  if (start === null || end === null) unknown.push(`the state at the ${start === null ? 'beginning' : 'end'} could not be read`);
  for (const [reading, when] of [
    [start, 'beginning'],
    [end, 'end'],
  ] as const) {
    if (reading === null) continue;
    if (!reading.paused) broken.push(`at the ${when} the engine did not call it paused`);
    if (reading.freezer === 'thawed') broken.push(`at the ${when} the kernel's freezer had it thawed`);
    if (reading.cpuNs === null) unknown.push(`the CPU time at the ${when} could not be read`);
    if (reading.layer === null) unknown.push(`the writable layer at the ${when} could not be read`);
  }
  if (start !== null && end !== null) {
    const used = start.cpuNs === null || end.cpuNs === null ? 0 : end.cpuNs - start.cpuNs - (witness.checkpointCpuNs ?? 0);
    if (used !== 0) broken.push(`its processes used ${used} ns of CPU time in between`);
    if (start.layer !== null && end.layer !== null && start.layer.sha256 !== end.layer.sha256) {
      broken.push('its writable layer is not the same at both ends');
    }
  }
  if (witness.blind) unknown.push("the engine's events were not followed without a gap");
  return {
    state: broken.length > 0 ? 'broken' : unknown.length > 0 ? 'unknown' : 'intact',
    reasons: [...broken, ...unknown],
    start,
    end,
    checkpointCpuNs: witness.checkpointCpuNs ?? null,
    events,
  };
}
