import { healthcheckLimitMs, healthStatus } from '../../container/healthy.ts';
import { inspectIfThere } from '../../container/look.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';

export interface Watch {
  readonly engine: Pick<Engine, 'inspect'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const pollMs = 100;
/** Without a healthcheck, how long it must run on end to count as up. */
const settleMs = 1_500;
/** The engine waits up to a minute before it starts one again that keeps ending. */
const backoffMs = 65_000;

/** Looks until `see` answers; null when it has not within the time. A container that is gone is shown as null. */
export async function watchUntil<T>(
  id: string,
  limitMs: number,
  { engine, clock, signal }: Watch,
  see: (inspect: ContainerInspect | null) => T | null,
): Promise<T | null> {
  const until = clock.monotonic() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const last = clock.monotonic() >= until;
    const seen = see(await inspectIfThere(engine, id));
    if (seen !== null || last) return seen;
    await clock.sleep(pollMs, signal);
  }
}

/** `at`: monotonic ms at which it was seen healthy, or, without a healthcheck, up. */
export type Ready =
  | { readonly ready: true; readonly inspect: ContainerInspect; readonly at: number }
  | { readonly ready: false; readonly reason: string };

/**
 * Healthy by its healthcheck, or without one running on end. One that its policy starts again is waited for. `forMs`: (default: until the engine
 * itself must have called it healthy or unhealthy; 10 s without a healthcheck; and the engine's own wait for one that keeps ending).
 */
export async function waitReady(id: string, watch: Watch, options: { readonly forMs?: number } = {}): Promise<Ready> {
  const { clock } = watch;
  const began = clock.monotonic();
  let since = { startedAt: '', at: 0 };
  const limitOf = (inspect: ContainerInspect) =>
    (healthStatus(inspect) === null ? 10_000 : healthcheckLimitMs(inspect)) + (inspect.RestartCount > 1 ? backoffMs : 0);
  const seen = await watchUntil<Ready>(id, Number.POSITIVE_INFINITY, watch, (inspect) => {
    if (inspect === null) return { ready: false, reason: 'was removed' };
    if (hasEnded(inspect)) return { ready: false, reason: endOf(inspect) };
    const now = clock.monotonic();
    if (!isUp(inspect) || since.startedAt !== inspect.State.StartedAt) since = { startedAt: inspect.State.StartedAt, at: now };
    const health = healthStatus(inspect);
    if (isUp(inspect) && health === null && now - since.at >= settleMs) return { ready: true, inspect, at: since.at };
    if (isUp(inspect) && health === 'healthy') return { ready: true, inspect, at: now };
    const late = now - began > (options.forMs ?? limitOf(inspect));
    return late ? { ready: false, reason: `was ${stateOf(inspect)} after ${Math.round((now - began) / 1_000)} s` } : null;
  });
  return seen as Ready;
}

export function isUp({ State }: ContainerInspect): boolean {
  return State.Running && !State.Restarting && !State.Paused;
}

/** For good: its policy does not start it again. */
export function hasEnded({ State }: ContainerInspect): boolean {
  return !State.Running && !State.Restarting && State.Status !== 'created';
}

/** `running, unhealthy`, `restarting (started again 4 times, last exit code 1)`, `ended with exit code 1`. */
export function stateOf(inspect: ContainerInspect): string {
  if (hasEnded(inspect)) return endOf(inspect);
  const { State, RestartCount } = inspect;
  const health = healthStatus(inspect);
  const again = RestartCount > 0 ? `, started again ${RestartCount} ${RestartCount === 1 ? 'time' : 'times'}` : '';
  return `${State.Restarting ? `restarting, last exit code ${State.ExitCode}` : State.Status}${health === null ? '' : `, ${health}`}${again}`;
}

function endOf({ State }: ContainerInspect): string {
  return `ended with exit code ${State.ExitCode}${State.OOMKilled ? ', out of memory' : ''}`;
}

/** How long it takes until the engine has called it unhealthy, if it is: with its start period, ms. Null without a healthcheck. */
export function withoutLimitMs(inspect: ContainerInspect): number | null {
  return healthTimes(inspect) === null ? null : healthcheckLimitMs(inspect);
}

/** In ms; the engine's own defaults stand in where it says nothing. Null without a healthcheck. */
export function healthTimes(
  inspect: ContainerInspect,
): { readonly interval: number; readonly timeout: number; readonly retries: number } | null {
  const check = inspect.Config.Healthcheck as
    | { Test?: readonly string[] | null; Interval?: number; Timeout?: number; Retries?: number }
    | undefined;
  if (check?.Test === undefined || check.Test === null || check.Test.length === 0 || check.Test[0] === 'NONE') return null;
  const ms = (ns: number | undefined) => (ns ? ns / 1e6 : 30_000);
  return { interval: ms(check.Interval), timeout: ms(check.Timeout), retries: check.Retries || 3 };
}
