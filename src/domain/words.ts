/**
 * The words of Pitwall, as types.
 *
 * drill: a YAML file: what to practise, on which targets, how safely, against which objectives. kind: the sort of drill.
 * run: one execution of a drill. target: a running container that a drill may touch. blast radius: the most that one run may touch.
 * steady state: checks that must hold before, are sampled during, and must hold after.
 * fault: something injected, with its undo. residue: what an undo left behind.
 * probe: one adversarial attempt. finding: what came of it.
 * measurement: a named value with its unit. objective: the most, or with `min` the least, that it may be.
 * journal: changes of the world, each with its undo, durable before the change is made.
 * slot: one instant at which a drill's schedule says that it is due.
 */
export const drillKinds = [
  'adversarial-probe',
  'segmentation',
  'secret-rotation',
  'reverse-uptime',
  'forensic-freeze',
  'crypto-anchor',
  'lifecycle',
  'detection',
] as const;

/** Every kind that the design knows; a version of Pitwall may implement fewer. */
export type DrillKindName = (typeof drillKinds)[number];

export type Verdict = 'passed' | 'failed' | 'inconclusive' | 'refused' | 'aborted' | 'error';
export type Trigger = 'manual' | 'schedule' | 'api' | 'webhook' | 'ci';
export type Severity = 'critical' | 'high' | 'medium' | 'low';
export type FindingState = 'holds' | 'broken' | 'inconclusive' | 'not-applicable';
export type Unit = 'ms' | 'count' | 'ratio' | 'bytes';

export interface EngineIdentity {
  readonly name: string;
  /** The daemon's own id (`docker info`), null when it could not be asked. */
  readonly id: string | null;
  readonly version: string | null;
  readonly environment: string | null;
}

/** Durations in ms, shares as ratios (0–1), counts as they are. */
export type ObjectiveBound = { readonly max: number } | { readonly min: number };

export interface Measurement {
  readonly name: string;
  /** The container's name, or null for a value of the whole run. */
  readonly target: string | null;
  readonly value: number;
  readonly unit: Unit;
  readonly objective: ObjectiveBound | null;
  readonly met: boolean | null;
}

export interface Finding {
  readonly probe: string;
  readonly title: string;
  readonly target: string | null;
  readonly state: FindingState;
  readonly severity: Severity;
  readonly evidence: string;
  readonly waivedUntil: string | null;
}

/** Something that a run did to the world, as the journal has it. */
export interface FaultRecord {
  readonly kind: string;
  readonly target: string;
  /** When its undo was journalled, just before it was done. */
  readonly injectedAt: string;
  /** When it had been put back; null while it is not, and for what was finished as wanted and stays. */
  readonly undoneAt: string | null;
  /** Whether its effect was read back. */
  readonly effect: 'proven' | 'not-seen';
  /** `clean`: put back and read back, or finished as wanted, with nothing left to undo. `unknown`: neither yet. */
  readonly undo: 'clean' | 'residue' | 'unknown';
}

export interface TargetRecord {
  /** 64 hexadecimal digits: the container that was picked; a replacement's id is in the outcome's event. */
  readonly id: string;
  readonly name: string;
  readonly service: string | null;
  readonly image: string;
  /** What became of it, in a word or a few: `recycled`, `not due`, `put back`; null while nothing was done. */
  readonly outcome: string | null;
  /** Why it was left out although it matched; null for one that is part of the run. */
  readonly leftOut: string | null;
}

export interface ArtifactRecord {
  readonly name: string;
  readonly mediaType: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** One execution, as `run --json`, `show --json` and the API give it. */
export interface RunRecord {
  readonly id: string;
  readonly drill: string | null;
  readonly kind: string;
  /** Null while the run goes on. */
  readonly verdict: Verdict | null;
  readonly reason: string;
  readonly trigger: Trigger;
  readonly actor: string;
  readonly engine: EngineIdentity;
  readonly seed: string;
  /** `sha256:…` of the drill's source text. */
  readonly definition: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly targets: readonly TargetRecord[];
  readonly measurements: readonly Measurement[];
  readonly findings: readonly Finding[];
  readonly evidence: readonly string[];
  readonly faults: readonly FaultRecord[];
  readonly artifacts: readonly ArtifactRecord[];
  /** What an undo left behind, a sentence each. */
  readonly residue: readonly string[];
}

/** A run in a list: the record without what grows. */
export type RunSummary = Pick<
  RunRecord,
  'id' | 'drill' | 'kind' | 'verdict' | 'reason' | 'trigger' | 'actor' | 'engine' | 'startedAt' | 'endedAt' | 'durationMs'
> & { readonly targetCount: number; readonly exitCode: number | null };

/** One line of a run's timeline. `data` never holds a secret. */
export interface RunEvent {
  readonly runId: string;
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly target: string | null;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>> | null;
}
