import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { FindingState, Severity } from '../../domain/words.ts';
import type { CheckName } from './params.ts';

/** What came of one check of one target. */
export interface Answer {
  readonly state: FindingState;
  /** Raw: commands, exit codes, ms. */
  readonly evidence: string;
  /** (Default: the check's own.) */
  readonly severity?: Severity;
}

/** As the research numbers and weighs them. */
export const checks: Readonly<Record<CheckName, { readonly id: string; readonly title: string; readonly severity: Severity }>> = {
  sigterm: { id: 'LC-01', title: 'stops when told, within its grace period', severity: 'medium' },
  zombies: { id: 'LC-02', title: 'reaps what is left to its first process', severity: 'low' },
  'comes-back': { id: 'LC-03', title: 'comes back after the death of its first process', severity: 'medium' },
  'any-order': { id: 'LC-04', title: 'starts before what it needs is there', severity: 'medium' },
  'honest-health': { id: 'LC-05', title: 'its health tells when what it needs is gone', severity: 'medium' },
  'two-copies': { id: 'LC-06', title: 'two copies tolerate each other', severity: 'medium' },
};

export function answer(state: FindingState, ...sentences: readonly (string | null)[]): Answer {
  return { state, evidence: sentences.filter((sentence) => sentence !== null && sentence !== '').join('; ') };
}

/** Whole ms below a second, tenths of a second above. */
export function took(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** Since the end before, by the engine's own clock, in ms; null when it does not say. */
export function downFor({ State }: ContainerInspect): number | null {
  const ms = Date.parse(State.StartedAt) - Date.parse(State.FinishedAt);
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}
