import { createHash } from 'node:crypto';
import { refuseOutOfScope, type Scope } from '../access/scope.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { type ExitCode, exitCodeOf, exitCodes, FailedError, PitwallError, RefusedError } from '../domain/errors.ts';
import type { FreezeOrder, FreezeOutcome, FreezeResult } from '../domain/evidence.ts';
import { isSkipped, labels } from '../domain/target.ts';
import type { TargetRecord, Trigger, Verdict } from '../domain/words.ts';
import type { RunnerDeps } from './deps.ts';
import { asSummary, findContainers } from './freeze-targets.ts';
import { reconcileRun } from './reconcile.ts';
import type { RunOutcome } from './run/options.ts';
import { type Recorder, recorder } from './run/recorder.ts';
import { whyProtected } from './targets/self-protection.ts';

export interface FreezeOptions {
  readonly trigger: Trigger;
  readonly actor: string;
  /** What the actor's token may act on; default: everything. */
  readonly scope?: Scope;
  /** Reading of the monotonic clock when the request was received. */
  readonly receivedAt: number;
  /** Ends the capture; what was frozen stays as the disposition says. */
  readonly signal: AbortSignal;
  /** Called as soon as the run's row is durable. */
  onOpened?(runId: string): void;
}

export interface FreezeRun extends RunOutcome {
  readonly cases: readonly FreezeResult[];
}

export const freezeKind = 'forensic-freeze';

/**
 * A freeze on demand: the act of a responder, so it asks for no opt-in, environment or window, and `halt` does not stand against it.
 * Self-protection and the lock per target hold. Throws when no run could be made: the container is unknown, the engine or the database away.
 */
export async function freezeNow(
  order: FreezeOrder,
  engines: readonly Engine[],
  options: FreezeOptions,
  deps: RunnerDeps,
): Promise<FreezeRun> {
  const { store } = deps;
  const { engine, containers } = await findContainers(order, engines);
  const { scope = [] } = options;
  refuseOutOfScope(
    scope,
    containers.map((inspect) => ({ engine: engine.name, container: asSummary(inspect).name })),
  );
  const info = await engine.info();
  const runId = deps.newId();
  const text = JSON.stringify({ ...order, alert: order.alert === null ? null : 'in the evidence' });
  const targets = containers.map(asTarget);
  const open = () => {
    store.atOnce(() => {
      store.runs.open({
        id: runId,
        drill: null,
        kind: freezeKind,
        trigger: options.trigger,
        actor: options.actor,
        engine: { name: engine.name, id: info.id, version: info.version, environment: engine.environment },
        seed: '',
        definition: `sha256:${createHash('sha256').update(text).digest('hex')}`,
        definitionText: text,
        processId: deps.processId,
      });
      store.runs.saveTargets(runId, targets);
    });
  };
  const record = recorder(runId, { objectives: {} }, deps);
  let frozen: FreezeOutcome | null = null;
  let failure: unknown = null;
  try {
    for (const inspect of containers) refuse(order, inspect, deps);
    frozen = await deps.freezer.freeze(
      { ...order, containers: containers.map((inspect) => ({ id: inspect.Id, inspect })), receivedAt: options.receivedAt },
      {
        runId,
        actor: options.actor,
        trigger: options.trigger,
        engine,
        journal: store.journal.forRun(runId, engine.name, info.id),
        // in one durable step with the hold: each takes time before the pause
        begin() {
          open();
          lock(runId, info.id, containers, deps);
          // once this step is durable
          queueMicrotask(() => options.onOpened?.(runId));
        },
        signal: options.signal,
        event: (type, target, message, data) => record.event(type, targets.find(({ name }) => name === target) ?? null, message, data),
      },
    );
  } catch (error) {
    failure = error;
  }
  // what was refused was taken back whole; that it was refused is on record all the same
  if (store.runs.record(runId) === null) {
    open();
    options.onOpened?.(runId);
  }
  // what could not be settled on the way is settled now: nothing stays half done behind a verdict
  for (const sentence of await reconcileRun(runId, engine, {
    ...deps,
    onChange: (change, note) => record.event('undo', null, `${change.target}: ${note}`),
  })) {
    record.residue(sentence);
  }
  store.locks.release(runId);
  for (const result of frozen?.cases ?? []) measure(result, record);
  if (frozen?.skewMs != null)
    record.event('skew', null, `${frozen.cases.length} frozen within ${frozen.skewMs.toFixed(1)} ms of one another`, { ms: frozen.skewMs });
  store.runs.saveTargets(
    runId,
    targets.map((target) => ({ ...target, outcome: outcomeOf(target, frozen) })),
  );
  const judgement = judge(frozen, failure, record.residues, options.signal);
  record.event('ended', null, `${judgement.verdict}: ${judgement.reason}`);
  store.runs.end(runId, { ...judgement, residue: record.residues });
  if (failure !== null && !(failure instanceof PitwallError)) throw failure;
  const stored = store.runs.record(runId);
  if (stored === null) throw new Error(`run ${runId} is not in the database that it was written to`);
  return {
    record: stored,
    exitCode: judgement.exitCode,
    hint: failure instanceof PitwallError ? (failure.hint ?? null) : null,
    cases: frozen?.cases ?? [],
  };
}

function asTarget(inspect: ContainerInspect): TargetRecord {
  const { id, name, labels: all } = asSummary(inspect);
  return { id, name, service: all[labels.composeService] ?? null, image: inspect.Config.Image, outcome: null, leftOut: null };
}

function refuse(order: FreezeOrder, inspect: ContainerInspect, deps: RunnerDeps): void {
  const summary = asSummary(inspect);
  const reason = whyProtected(summary, deps.self, inspect);
  if (reason !== null) throw new RefusedError('protected', `${summary.name} is never frozen: ${reason}`);
  if (!isSkipped(summary.labels)) return;
  if (order.force && order.reason !== null) return;
  throw new RefusedError(
    'skip',
    `${summary.name} asks to be left alone: ${labels.skip} is ${JSON.stringify(summary.labels[labels.skip])}`,
    {
      hint: '--force --reason "why"',
    },
  );
}

function lock(runId: string, engineId: string, containers: readonly ContainerInspect[], deps: RunnerDeps): void {
  const keys = containers.map((inspect) => ({ engineId, containerId: inspect.Id, name: asSummary(inspect).name }));
  const held = deps.store.locks.acquire(runId, keys);
  if (held) throw new RefusedError('locked', `${held.name} is taken by ${held.holder}`, { hint: 'wait until it has ended, or release it' });
}

function measure(result: FreezeResult, record: Recorder): void {
  const target = { name: result.evidence.container.name };
  const items = [
    ['time_to_freeze', result.timeToFreeze, 'ms'],
    ['frozen_time', result.frozenTime, 'ms'],
    ['time_to_evidence', result.timeToEvidence, 'ms'],
    ['coverage', result.evidence.coverage, 'ratio'],
    ['evidence_bytes', result.evidence.bytes, 'bytes'],
    ['downtime', result.downtime, 'ms'],
  ] as const;
  for (const [name, value, unit] of items) if (value !== null) record.measure(name, target, value, unit);
}

function outcomeOf(target: TargetRecord, frozen: FreezeOutcome | null): string | null {
  const result = frozen?.cases.find(({ evidence }) => evidence.container.id === target.id);
  if (result !== undefined) return result.outcome;
  const lost = frozen?.failed.find(({ id }) => id === target.id);
  if (lost !== undefined) return `frozen, and then: ${lost.reason}`;
  const not = frozen?.notFrozen.find(({ id }) => id === target.id);
  return not === undefined ? null : `not frozen: ${not.reason}`;
}

interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly exitCode: ExitCode;
}

/** 0 whole, 3 partial, 1 not frozen (DESIGN, "Verdicts and exit codes"). */
function judge(frozen: FreezeOutcome | null, failure: unknown, residue: readonly string[], signal: AbortSignal): Judgement {
  if (frozen === null) {
    const exitCode = residue.length > 0 ? exitCodes.residue : exitCodeOf(failure);
    const verdict = failure instanceof RefusedError ? 'refused' : failure instanceof FailedError ? 'failed' : 'error';
    return { verdict, reason: failure instanceof Error ? failure.message : String(failure), exitCode };
  }
  const said = (verdict: Verdict, reason: string, exitCode: ExitCode): Judgement => ({
    verdict,
    reason: residue.length > 0 ? `${reason}; left behind: ${residue.join('; ')}` : reason,
    exitCode: residue.length > 0 ? exitCodes.residue : exitCode,
  });
  const failures = [
    ...frozen.notFrozen.map(({ name, reason }) => `${name} was not frozen: ${reason}`),
    ...frozen.failed.map(({ name, reason }) => `${name} was frozen, and then: ${reason}`),
    ...frozen.cases.flatMap((result) => result.failure ?? []),
  ];
  if (failures.length > 0) return said('failed', failures.join('; '), exitCodes.failed);
  const doubts = frozen.cases.flatMap(doubtsOf);
  if (signal.aborted && doubts.length > 0) return said('aborted', `ended while it was captured; ${doubts.join('; ')}`, exitCodes.refused);
  if (doubts.length > 0) return said('inconclusive', doubts.join('; '), exitCodes.inconclusive);
  const names = frozen.cases.map(({ evidence, outcome }) => `${evidence.container.name} ${outcome}`);
  return said('passed', `frozen and captured whole: ${names.join(', ')}`, exitCodes.ok);
}

function doubtsOf({ evidence, coverage, seal }: FreezeResult): string[] {
  const lacking = coverage.filter(({ state }) => state === 'missing' || state === 'partial');
  return [
    ...lacking.map(({ step, state, reason }) => `${evidence.container.name}: ${step} ${state}${reason === null ? '' : ` (${reason})`}`),
    ...(seal.state === 'intact' ? [] : [`${evidence.container.name}: the seal is ${seal.state} (${seal.reasons.join('; ')})`]),
  ];
}
