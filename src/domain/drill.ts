/** A drill file, read and checked. Durations are in ms, shares are ratios from 0 to 1. */
import type { Objectives } from './objectives.ts';

export interface Drill {
  readonly name: string;
  readonly kind: string;
  readonly description: string | null;
  /** Null: on demand only. */
  readonly schedule: Schedule | null;
  readonly environments: readonly string[];
  readonly targets: Selector;
  readonly safety: Safety;
  readonly steadyState: readonly CheckSpec[];
  /** As the kind's schema gave them. */
  readonly params: unknown;
  /** Those of the drill, or the kind's defaults when it gives none; empty when it states that there are none. */
  readonly objectives: Objectives;
  readonly source: DrillSource;
}

export interface DrillSource {
  readonly file: string;
  /** Line where `text` starts in the file, from 1. */
  readonly line: number;
  /** The document's text; kept with each run, so that a replay has what was run. */
  readonly text: string;
  /** `sha256:…` of the text. */
  readonly definition: string;
}

export interface Schedule {
  readonly cron: string;
  /** IANA zone; default UTC. */
  readonly timezone: string;
  readonly jitterMs: number;
  readonly missed: 'run-once' | 'skip';
}

export interface Selector {
  /** Keys are ANDed, values of one key ORed. A label's value may be a list. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly compose: { readonly project: string; readonly services: readonly string[] | null } | null;
  /** Globs. */
  readonly names: readonly string[] | null;
  readonly images: readonly string[] | null;
  readonly networks: readonly string[] | null;
  /** Names of engines in the configuration. */
  readonly engines: readonly string[] | null;
  readonly pick: Pick;
}

export type Pick = { readonly all: true } | { readonly count: number } | { readonly share: number };

export interface Safety {
  readonly maxTargets: number;
  /** Null: half from two replicas on, 0 for a single one. */
  readonly minHealthy: number | { readonly count: number } | null;
  readonly timeoutMs: number;
  readonly abortIf: { readonly availability: number; readonly forMs: number } | null;
  readonly window: Window | null;
}

export interface Window {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes since midnight in `timezone`; `from` after `to` wraps midnight, and the day is the one it began on. */
  readonly from: number;
  readonly to: number;
  readonly timezone: string;
}

interface CheckBase {
  readonly name: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Null: sampled and reported, but nothing is required of it during the run. */
  readonly minAvailability: number | null;
}

export type CheckSpec = CheckBase &
  (
    | { readonly type: 'http'; readonly url: string; readonly status: number; readonly from: { readonly service: string } | null }
    | { readonly type: 'tcp'; readonly address: string; readonly from: { readonly service: string } | null }
    | { readonly type: 'exec'; readonly argv: readonly string[]; readonly in: { readonly service: string }; readonly expect: Expectation }
    | { readonly type: 'health'; readonly service: string }
  );

/** Of a command's answer: its exit code (default 0) and, where given, its first line as a number or its text. */
export interface Expectation {
  readonly exitCode: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly equals: string | null;
  readonly contains: string | null;
}

/** Makes requests, so that its samples measure availability; `health` only reads a state. */
export function isRequest(check: CheckSpec): boolean {
  return check.type !== 'health';
}
