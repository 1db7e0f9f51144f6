/**
 * Proof: what the newest runs that asked a question said about it. The scorecard reads these, never the runs themselves, so that it
 * costs the same at the first run and at the millionth.
 */
import type { ObjectiveBound, Severity, Unit } from './words.ts';

export type ProofState = 'holds' | 'broken' | 'inconclusive';

/** One value of an objective, of one run: of several targets the worst. */
export interface ProofValue {
  readonly runId: string;
  /** UTC ms, the run's end. */
  readonly at: number;
  readonly value: number;
  readonly met: boolean | null;
}

export interface Proof {
  readonly engine: string;
  /** Empty for runs without a drill: freezes on demand. */
  readonly drill: string;
  readonly kind: string;
  /** The service, or the container's name where it is of none; empty for what is of the whole run. */
  readonly subject: string;
  /** The probe's id, the measurement's name, or `verdict`. */
  readonly item: string;
  /** `verdict`: what the drill's last run that tested anything came to. */
  readonly type: 'finding' | 'objective' | 'verdict';
  /** Of several findings of one probe that of the worst. */
  readonly title: string;
  readonly severity: Severity;
  /** Of several targets the worst. A broken finding stays until the same probe holds on the same containers, or on the service's others when they are gone. */
  readonly state: ProofState;
  /** Names of the containers that it was asked of. */
  readonly targets: readonly string[];
  /** Those on which it is broken. */
  readonly brokenOn: readonly string[];
  /** `YYYY-MM-DD` for a broken one that somebody has waived, on every container. */
  readonly waivedUntil: string | null;
  readonly unit: Unit | null;
  readonly objective: ObjectiveBound | null;
  /** At most the last five, oldest first; only of an objective. */
  readonly recent: readonly ProofValue[];
  /** The best value ever; only of an objective. */
  readonly best: number | null;
  /** The run that said so last, and when it ended, UTC ms. */
  readonly runId: string;
  readonly at: number;
  /** When the state became what it is, UTC ms, and what it was before; null for one that has always been so. */
  readonly changedAt: number;
  readonly was: ProofState | null;
}
