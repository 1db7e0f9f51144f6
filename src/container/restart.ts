import type { Clock } from '../domain/clock.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError, FailedError } from '../domain/errors.ts';
import type { Change, Journal, Reconciled } from '../domain/journal.ts';
import type { Target } from '../domain/target.ts';
import { stopMs } from './grace.ts';
import { healthStatus, waitHealthy } from './healthy.ts';
import { inspectIfThere } from './look.ts';
import { unfitState } from './obstacle.ts';
import { type RestartData, settleRestart } from './restart-handler.ts';

export interface RestartIo {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** Told how it ended when something went wrong. */
  onSettled?(settled: Reconciled): void;
}

export interface Restarted {
  readonly target: Target;
  /** UTC ms, by the engine's clock. */
  readonly startedAt: number;
  /** From the engine's answer that it was started until it was seen healthy; without a healthcheck, running. */
  readonly timeToHealthyMs: number;
  /** Monotonic: from just before the call until it was seen healthy. */
  readonly from: number;
  readonly to: number;
}

/**
 * Ends a container's processes and starts it again with the layer that it has: one call to the engine, which does both or the journal's
 * handler starts it. Without a healthcheck one inspect is the proof. Throws `FailedError`, the signal's reason, or the engine's error.
 */
export async function restartContainer(
  target: Target,
  options: { readonly graceSeconds: number | null },
  io: RestartIo,
): Promise<Restarted> {
  const { engine, clock, signal } = io;
  signal.throwIfAborted();
  // since it was picked somebody may have paused it, to hold it, or stopped it
  const before = await inspectIfThere(engine, target.id);
  const unfit = before === null ? 'was removed by somebody' : unfitState(before);
  if (unfit !== null) throw new FailedError(before === null ? 'target_gone' : 'target_unfit', `${target.name} ${unfit}`);
  const data: RestartData = {
    id: target.id,
    startedAt: target.inspect.State.StartedAt,
    stopMs: stopMs(target.inspect, options.graceSeconds),
  };
  const change = io.journal.open({ kind: 'restart', target: target.name, data: { ...data } });
  const from = clock.monotonic();
  try {
    await engine.restart(target.id, { graceSeconds: options.graceSeconds ?? undefined });
    const called = clock.monotonic();
    const now = await running(target, engine);
    if (healthStatus(now) !== null) await healthy(target, io);
    const to = clock.monotonic();
    change.close('done');
    return { target, startedAt: Date.parse(now.State.StartedAt), timeToHealthyMs: to - called, from, to };
  } catch (error) {
    if (error instanceof EngineError && error.lost) throw error;
    const settled = await settleRestart(target.name, data, {
      engine,
      clock,
      signal: AbortSignal.timeout(60_000 + data.stopMs),
      inFlight: false,
    });
    tryClose(change, settled);
    io.onSettled?.(settled);
    if (!(error instanceof EngineError)) throw error;
    const code = error.code === 'not_found' ? 'target_gone' : 'restart_failed';
    throw new FailedError(code, `${target.name} could not be restarted: ${error.message}`, { cause: error, hint: error.hint });
  }
}

async function running(target: Target, engine: Engine): Promise<ContainerInspect> {
  const now = await engine.inspect(target.id);
  const unfit = unfitState(now);
  if (unfit === null && now.State.StartedAt !== target.inspect.State.StartedAt) return now;
  throw new FailedError(
    'restart_failed',
    `${target.name} ${unfit ?? 'was not started again'}, after its restart (exit code ${now.State.ExitCode})`,
  );
}

async function healthy(target: Target, io: RestartIo): Promise<void> {
  const health = await waitHealthy(io.engine, target.id, { clock: io.clock, signal: io.signal });
  if (!health.healthy) throw new FailedError('restart_unhealthy', `${target.name} ${health.reason}, after its restart`);
}

/** A journal that cannot be written keeps the change open; what went wrong first is what is reported. */
function tryClose(change: Change, settled: Reconciled): void {
  try {
    change.close(settled.state, settled.state === 'residue' ? settled.residue.join('; ') : settled.note);
  } catch {
    return;
  }
}
