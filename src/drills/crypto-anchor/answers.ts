import { EngineError, FailedError, InconclusiveError } from '../../domain/errors.ts';
import type { FindingState, Severity } from '../../domain/words.ts';
import type { DrillName, Params } from './params.ts';

/** What came of one drill on one target. */
export interface Answer {
  readonly state: FindingState;
  /** Counts, exit codes, ms: never what a command printed. */
  readonly evidence: string;
}

/** As the research numbers them. None is less than high: who asks for a drill wants to know, and unknown is no pass. */
export const drills: Readonly<Record<DrillName, { readonly id: string; readonly title: string; readonly severity: Severity }>> = {
  theft: { id: 'CA-1', title: 'stolen data is useless without the anchor', severity: 'critical' },
  throttle: { id: 'CA-2', title: 'the anchor limits how fast it is used', severity: 'high' },
  ledger: { id: 'CA-3', title: 'the anchor writes down every operation', severity: 'high' },
  alert: { id: 'CA-4', title: 'unusual use of the anchor raises an alert', severity: 'high' },
  'no-export': { id: 'CA-5', title: 'the key cannot be taken out of the anchor', severity: 'critical' },
  cut: { id: 'CA-6', title: 'an application’s right can be cut', severity: 'high' },
  backup: { id: 'CA-7', title: 'a backup is useless without the anchor and whole with it', severity: 'high' },
};

export function answer(state: FindingState, ...sentences: readonly (string | null)[]): Answer {
  return { state, evidence: sentences.filter((sentence) => sentence !== null && sentence !== '').join('; ') };
}

/** Which of the params a drill needs and has not; null when it has all. */
export function lacking(name: DrillName, params: Params): string | null {
  const needs: Readonly<Record<DrillName, readonly (keyof Params)[]>> = {
    theft: ['steal'],
    backup: ['steal'],
    throttle: ['throttle'],
    ledger: ['ledger'],
    alert: ['alert', 'throttle'],
    'no-export': ['export'],
    cut: ['cut'],
  };
  const missing = needs[name].filter((key) => params[key] === undefined);
  if (missing.length === 0) return null;
  return `${name} needs ${missing.map((key) => `params.${key}`).join(' and ')}, which the drill file does not give`;
}

/** Whether a failure says only that something could not be carried out. */
export function isUnknown(error: unknown): error is Error {
  return (
    error instanceof InconclusiveError ||
    (error instanceof FailedError && error.code === 'clone') ||
    (error instanceof EngineError && !error.lost)
  );
}

/** Whole ms below a second, tenths of a second above. */
export function took(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
