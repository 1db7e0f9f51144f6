import type { Check } from '../../checks/check.ts';
import type { Drill } from '../../domain/drill.ts';
import type { Engine } from '../../domain/engine.ts';
import { DatabaseError, EngineError, FailedError, PitwallError, RefusedError } from '../../domain/errors.ts';
import type { RunContext } from '../../domain/kind.ts';
import { inWindow } from '../../domain/window.ts';
import type { Trigger } from '../../domain/words.ts';
import type { RunnerDeps } from '../deps.ts';
import { kindOf, type Prepared } from '../plan.ts';
import { mayTake } from '../targets/min-healthy.ts';
import { alertInbox } from './alert-inbox.ts';
import { fanOut } from './fan-out.ts';
import type { Recorder } from './recorder.ts';
import type { Sampler } from './sampler.ts';
import { askAll } from './steady-state.ts';

interface Parts {
  readonly drill: Drill;
  readonly engine: Engine;
  readonly prepared: Prepared;
  readonly sampler: Sampler;
  readonly checks: readonly Check[];
  readonly runId: string;
  readonly actor: string;
  readonly trigger: Trigger;
  readonly helpers: { image(): Promise<{ readonly reference: string }> };
  readonly record: Recorder;
  readonly signal: AbortSignal;
  readonly engineId: string;
  /** The window does not count for this run. */
  readonly ignoreWindow: boolean;
  onActed(): void;
}

/** What the runner gives a drill; see `RunContext` for what each part means. */
export function createContext(parts: Parts, deps: RunnerDeps): RunContext<unknown> {
  const { drill, engine, prepared, record, signal, sampler } = parts;
  const { measures, defaultObjectives, sharedObjectives = {} } = kindOf(drill, deps);
  // a drill that states its objectives has others than the kind's very own ones, were they as empty
  const states = drill.objectives !== defaultObjectives;
  return {
    engine,
    params: drill.params,
    targets: prepared.selection.targets,
    clock: deps.clock,
    random: prepared.random,
    runId: parts.runId,
    actor: parts.actor,
    trigger: parts.trigger,
    instance: deps.store.instanceId,
    freezer: deps.freezer,
    alerts: alertInbox(parts.runId, deps.store),
    helperImage: () => parts.helpers.image(),
    secret: (ref, what) => deps.secret(ref, what),
    plan: prepared.plan,
    journal: {
      open(intent) {
        parts.onActed();
        return deps.store.journal.forRun(parts.runId, engine.name, parts.engineId).open(intent);
      },
    },
    signal,
    async forEachUnit(work, { parallel }) {
      const { notTaken, reason, failures } = await fanOut(
        async (unit) => {
          parts.onActed();
          await work(unit);
        },
        {
          units: prepared.plan.units,
          parallel,
          clock: deps.clock,
          signal,
          gate: async (unit, inFlight) => {
            if (drill.safety.window !== null && !parts.ignoreWindow && !inWindow(drill.safety.window, deps.clock.now()))
              return { stop: 'the window has ended' };
            return (await mayTake(unit, inFlight, prepared.floor, engine)) ? 'go' : 'wait';
          },
        },
      );
      for (const target of notTaken.flatMap((unit) => unit.targets)) record.outcome(target, `not taken: ${reason}`);
      if (failures.length > 0) throw gravest(failures);
      if (notTaken.length === 0 || signal.aborted) return;
      const all = prepared.plan.units.length;
      if (notTaken.length === all) throw new RefusedError('window', `nothing was touched: ${reason}`);
      throw new FailedError('not_all_taken', `${notTaken.length} of ${all} were not taken: ${reason}`);
    },
    measure(name, target, value, own) {
      const unit = measures[name];
      if (unit === undefined) throw new Error(`kind ${drill.kind} declares no measurement ${name}`);
      const other = sharedObjectives[name];
      const shared = other === undefined ? undefined : drill.objectives[other];
      record.measure(name, target, value, unit, shared ?? (states ? undefined : own));
    },
    finding: (finding) => record.found([finding]),
    findings: (several) => record.found(several),
    artifact: (name, content) => record.artifact(name, content),
    event: (type, target, message, data) => record.event(type, target, message, data),
    outcome: (target, outcome) => record.outcome(target, outcome),
    residue: (sentence) => record.residue(sentence),
    steadyStateHolds: async () => (await askAll(parts.checks, signal)).length === 0,
    failedMs: (from, to) => sampler.failedMs(from, to),
  };
}

/** Of several failures the one that says most of the run's standing: without its database nothing is sure, a defect is ours, a lost engine explains the rest. */
function gravest(failures: readonly unknown[]): unknown {
  return (
    failures.find((failure) => failure instanceof DatabaseError) ??
    failures.find((failure) => failure instanceof EngineError && failure.lost) ??
    failures.find((failure) => !(failure instanceof PitwallError)) ??
    failures[0]
  );
}
