import type { EvidenceSink, StepResult } from '../../domain/evidence.ts';
import type { ProcessRef } from '../records.ts';

/** A step of the collector. `maxBytes` is for all contents of the step together. */
export type CollectRequest =
  | { readonly step: 'memory' }
  | { readonly step: 'processes' }
  | { readonly step: 'network' }
  | { readonly step: 'executables' }
  | { readonly step: 'deleted-files'; readonly maxBytes: number }
  | { readonly step: 'tmpfs'; readonly maxBytes: number }
  /** For the seal; writes nothing. `paths` as the engine's list of changes says them. */
  | { readonly step: 'layer'; readonly paths: readonly string[]; readonly untimed: readonly string[]; readonly maxBytes: number };

/** Whose state is read, and through which /proc. */
export interface CollectScope {
  readonly proc: string;
  readonly containerId: string;
  /** Where volumes and host folders are mounted: they are the container's disk, not its volatile state. */
  readonly volumes: readonly string[];
  readonly processes: readonly ProcessRef[];
}

/** What a step function is given. */
export interface StepIo {
  readonly sink: EvidenceSink;
  readonly signal: AbortSignal;
}

/** Entries that one step looks at, at the most: a hostile container has millions. */
export const maxEntries = 200_000;

/** `captured`, or `partial` with every reason. */
export function resultOf(
  reasons: readonly string[],
  { share = 1, bytes = 0, value }: { readonly share?: number; readonly bytes?: number; readonly value: StepResult['value'] },
): StepResult {
  const whole = reasons.length === 0;
  return { state: whole ? 'captured' : 'partial', reason: whole ? null : reasons.join('; '), share: whole ? 1 : share, bytes, value };
}
