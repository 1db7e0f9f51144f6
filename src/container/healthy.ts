import type { Clock } from '../domain/clock.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { Engine } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';

export interface HealthWait {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Without a healthcheck: how long it must run on end. Default 1 s. */
  readonly settleMs?: number;
  /** Without a healthcheck: what must hold as well once it has settled. */
  readonly steadyStateHolds?: () => Promise<boolean>;
}

export type Health = { readonly healthy: true } | { readonly healthy: false; readonly reason: string };

const defaultSettleMs = 1_000;
/** For a container without a healthcheck to run on end and the steady state to hold. */
const steadyWithinMs = 30_000;
/** A restart policy may bring it up at the second or third go, when what it waits for is there. */
const mostRestarts = 3;
const marginMs = 10_000;

/**
 * Waits until a container that was started is healthy: by its healthcheck, or without one by running on end while the steady state holds.
 * Rejects with the signal's reason when aborted.
 */
export async function waitHealthy(engine: Pick<Engine, 'inspect'>, id: string, wait: HealthWait): Promise<Health> {
  const began = wait.clock.monotonic();
  let settling = { startedAt: '', since: began };
  for (;;) {
    wait.signal.throwIfAborted();
    const inspect = await find(engine, id, wait.signal);
    if (inspect === null) return { healthy: false, reason: 'was removed by somebody' };
    const { State } = inspect;
    const now = wait.clock.monotonic();
    const spent = now - began;
    const ended = endedReason(inspect);
    if (ended !== null) return { healthy: false, reason: ended };
    const status = healthStatus(inspect);
    if (State.Running && status === 'healthy') return { healthy: true };
    if (State.Running && status === 'unhealthy') return { healthy: false, reason: 'is unhealthy' };
    const up = State.Running && !State.Restarting;
    // a new start begins a new wait
    if (!up || settling.startedAt !== State.StartedAt) settling = { startedAt: State.StartedAt, since: now };
    if (up && status === null && now - settling.since >= (wait.settleMs ?? defaultSettleMs)) {
      if ((await wait.steadyStateHolds?.()) ?? true) return { healthy: true };
    }
    const limit = status === null ? steadyWithinMs : healthcheckLimitMs(inspect);
    if (spent > limit) return { healthy: false, reason: tooLate(status, spent) };
    await wait.clock.sleep(spent < 2_000 ? 100 : 250, wait.signal);
  }
}

/** `starting`, `healthy`, `unhealthy`; null without a healthcheck. */
export function healthStatus(inspect: ContainerInspect): string | null {
  const status = inspect.State.Health?.Status;
  return status === undefined || status === 'none' || status === '' ? null : status;
}

/** By then the engine itself has called it healthy or unhealthy. Times are in ns; the engine's defaults stand in for zero. */
export function healthcheckLimitMs(inspect: ContainerInspect): number {
  const check = (inspect.Config.Healthcheck ?? {}) as { Interval?: number; Timeout?: number; StartPeriod?: number; Retries?: number };
  const seconds = (ns: number | undefined, otherwise: number) => (ns ? ns / 1e9 : otherwise);
  const rounds = (check.Retries || 3) + 1;
  return 1_000 * (seconds(check.StartPeriod, 0) + rounds * (seconds(check.Interval, 30) + seconds(check.Timeout, 30))) + marginMs;
}

function endedReason(inspect: ContainerInspect): string | null {
  const { State, RestartCount } = inspect;
  if (RestartCount >= mostRestarts) return `keeps ending (restarted ${RestartCount} times, last exit code ${State.ExitCode})`;
  if (State.Running || State.Restarting || State.Status === 'created') return null;
  return `ended with exit code ${State.ExitCode}${State.OOMKilled ? ', out of memory' : ''}`;
}

function tooLate(status: string | null, ms: number): string {
  const what = status === null ? 'does not run on end, or the steady state does not hold,' : `is still ${status}`;
  return `${what} after ${Math.round(ms / 1_000)} s`;
}

async function find(engine: Pick<Engine, 'inspect'>, id: string, signal: AbortSignal): Promise<ContainerInspect | null> {
  try {
    return await engine.inspect(id, { signal });
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return null;
    throw error;
  }
}
