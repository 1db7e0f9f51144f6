import { containerBook } from '../../container/book.ts';
import type { Drift } from '../../container/drift.ts';
import { recreate } from '../../container/recreate/recreate.ts';
import { restartContainer } from '../../container/restart.ts';
import { formatDuration } from '../../domain/duration.ts';
import { FailedError } from '../../domain/errors.ts';
import type { Json, Reconciled } from '../../domain/journal.ts';
import type { RunContext, WorkUnit } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import { graceSeconds } from './actions.ts';
import { bornAt, p95 } from './age.ts';
import { keepDrifted, unexpected } from './keep-drifted.ts';
import type { Params } from './params.ts';
import { reportDifference, reportDrift } from './report.ts';

/** What is known of the targets as the run goes on. */
interface Progress {
  /** UTC ms by target id; a target that is gone is not in it. */
  readonly born: Map<string, number>;
  readonly drifts: Map<string, Drift>;
  recycled: number;
}

/** Recycles what is due, unit by unit, and measures whatever came of it. */
export async function run(context: RunContext<Params>): Promise<void> {
  const { params, targets } = context;
  const progress: Progress = {
    born: new Map(targets.map((target) => [target.id, bornAt(target, params.mode)])),
    drifts: new Map(),
    recycled: 0,
  };
  const all = containerBook(
    context.engine,
    targets.map((target) => target.inspect),
  );
  const work = params.mode === 'recreate' ? recreateUnit : restartUnit;
  try {
    await context.forEachUnit((unit) => work(unit, context, progress, all), { parallel: params.parallel });
  } finally {
    measureAges(context, progress);
    if (progress.drifts.size > 0) context.artifact('drift', { targets: Object.fromEntries(progress.drifts) as unknown as Json });
  }
}

async function recreateUnit(
  unit: WorkUnit,
  context: RunContext<Params>,
  progress: Progress,
  all: ReturnType<typeof containerBook>,
): Promise<void> {
  const { params, runId, engine, clock, journal, signal } = context;
  const [only] = unit.targets;
  const found = params.onDrift === 'freeze' && only !== undefined ? await unexpected(only, context) : null;
  if (found !== null && only !== undefined) return freezeDrifted(only, found, context, progress);
  const made = await watched(unit.targets, context, progress, (onSettled) =>
    recreate(
      unit.targets,
      { runId, image: params.image, graceSeconds: graceOf(params) },
      {
        engine,
        clock,
        journal,
        signal,
        onSettled,
        all: () => all({ signal }),
        steadyStateHolds: () => context.steadyStateHolds(),
        onDrift(target, drift) {
          if (drift !== null) progress.drifts.set(target.name, drift);
          reportDrift(context, target, drift);
        },
      },
    ),
  );
  for (const one of made) {
    const took = formatDuration(one.timeToHealthyMs);
    context.event('recycled', one.target, `${one.target.name} was made again and was healthy after ${took}; its volumes were kept`, {
      oldId: one.target.id,
      newId: one.newId,
      timeToHealthyMs: one.timeToHealthyMs,
    });
    reportDifference(context, one);
    await recycled(one.target, 'recycled', one.createdAt, one, context, progress);
  }
}

async function freezeDrifted(target: Target, found: Drift, context: RunContext<Params>, progress: Progress): Promise<void> {
  progress.drifts.set(target.name, found);
  reportDrift(context, target, found);
  const kept = await keepDrifted(target, found, context);
  context.event('kept', target, `${kept.result.evidence.id}: ${kept.result.outcome}`, { evidence: kept.result.evidence.id });
  // all that is known of it is how long there was none: it was healthy sooner than that
  const timeToHealthyMs = kept.result.downtime ?? kept.to - kept.from;
  await recycled(target, 'frozen and replaced', kept.createdAt, { ...kept, timeToHealthyMs }, context, progress);
}

async function restartUnit(unit: WorkUnit, context: RunContext<Params>, progress: Progress): Promise<void> {
  const { engine, clock, journal, signal, params } = context;
  // those whose namespaces others live in first
  for (const target of unit.targets) {
    const one = await watched([target], context, progress, (onSettled) =>
      restartContainer(target, { graceSeconds: graceOf(params) }, { engine, clock, journal, signal, onSettled }),
    );
    await recycled(target, 'restarted (layer kept)', one.startedAt, one, context, progress);
  }
}

function graceOf(params: Params): number | null {
  return params.grace === undefined ? null : graceSeconds(params.grace);
}

/** Says what became of the targets when the work failed and was undone. */
async function watched<T>(
  targets: readonly Target[],
  context: RunContext<Params>,
  progress: Progress,
  work: (onSettled: (settled: Reconciled) => void) => Promise<T>,
): Promise<T> {
  try {
    return await work((settled) => {
      for (const target of targets) {
        if (settled.state !== 'done') context.outcome(target, settled.state === 'undone' ? 'put back' : 'not settled');
        context.event('undo', target, settled.state === 'residue' ? settled.residue.join('; ') : settled.note);
      }
    });
  } catch (error) {
    if (error instanceof FailedError && error.code === 'target_gone') {
      // alone in its unit it is surely the one; of several the others are looked at by the next run
      for (const target of targets) progress.born.delete(target.id);
      for (const target of targets) context.outcome(target, 'gone');
    }
    throw error;
  }
}

async function recycled(
  target: Target,
  outcome: string,
  born: number,
  took: { readonly timeToHealthyMs: number; readonly from: number; readonly to: number },
  context: RunContext<Params>,
  progress: Progress,
): Promise<void> {
  progress.recycled++;
  progress.born.set(target.id, born);
  context.outcome(target, outcome);
  context.measure('time_to_healthy', target, took.timeToHealthyMs);
  const downtime = await context.failedMs(took.from, took.to);
  if (downtime !== null) context.measure('downtime', target, downtime);
}

/** Of all targets, those that were not due included, as they are at the end. */
function measureAges(context: RunContext<Params>, progress: Progress): void {
  const now = context.clock.now();
  // the engine's clock may be ahead of ours
  const ages = [...progress.born.values()].map((born) => Math.max(0, now - born));
  context.measure('over_age', null, ages.filter((age) => age > context.params.maxUptime).length);
  context.measure('recycled', null, progress.recycled);
  const worst = p95(ages);
  if (worst === null) return;
  context.measure('max_age', null, Math.max(...ages));
  context.measure('p95_age', null, worst);
}
