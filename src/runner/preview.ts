import { noRun } from '../container/own.ts';
import type { Drill } from '../domain/drill.ts';
import type { Engine } from '../domain/engine.ts';
import type { RunnerDeps } from './deps.ts';
import { type PlanReport, type Prepared, planReport, prepare } from './plan.ts';
import { type Given, openGiven } from './run/given.ts';

export interface PreviewOptions {
  readonly seed: string;
  /** Stands in for the drill's selector. */
  readonly given?: Given | undefined;
  /** What was made for the plan is removed then, too. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what was made for the plan and could not be removed, also when there is no plan. */
  onLeft?(sentence: string): void;
}

type Deps = Omit<RunnerDeps, 'processId'>;

const previewMs = 60_000;

/**
 * What `pitwall plan` shows: also by day what only runs by night. Changes nothing, and makes no run. What stands in for running containers is made
 * for it, never started, and removed again.
 */
export async function previewPlan(
  drill: Drill,
  engine: Engine,
  { seed, given, signal: asked, onLeft }: PreviewOptions,
  deps: Deps,
): Promise<PlanReport> {
  const refusedNow: string[] = [];
  const limit = AbortSignal.timeout(previewMs);
  const signal = asked === undefined ? limit : AbortSignal.any([asked, limit]);
  const options = { seed, signal, onlyNow: (error: Error) => refusedNow.push(error.message) };
  if (given === undefined) return planReport(drill, engine, seed, await prepare(drill, engine, options, deps), refusedNow);
  const among = { drill, engine, runId: noRun, signal };
  let prepared: Prepared;
  {
    await using made = openGiven(given, among, deps, (sentence) => onLeft?.(sentence));
    prepared = await prepare(drill, engine, { ...options, given: made.targets }, deps);
  }
  const report = planReport(drill, engine, seed, prepared, refusedNow);
  const note = `made from ${given.from} for this plan; a run makes its own, whose networks may have other addresses`;
  return { ...report, notes: [...report.notes, note] };
}
