/** What the parts of a report on some days share. */
import type { RunRecord } from '../../domain/words.ts';
import type { Expired, FindingRow, Held, Problem } from '../schema.ts';

/** UTC ms of the first and of the last day. */
export interface Days {
  readonly from: number;
  readonly to: number;
}

/** The most of each that a report lists; it says how many more there are. */
export const most = { problems: 100, held: 200, runs: 100, measurements: 200, findings: 5_000, residue: 200, names: 20 } as const;

/** A run that several findings name is read once; null for one that was forgotten. */
export type Records = (runId: string) => RunRecord | null;

/** All that the newest runs said, by what a reader does with it. */
export interface Standing {
  readonly problems: Problem[];
  readonly waived: Problem[];
  readonly held: Held[];
  readonly expired: Expired[];
  readonly findings: FindingRow[];
  readonly findingsLeftOut: number;
}
