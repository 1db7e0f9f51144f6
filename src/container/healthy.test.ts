import { describe, expect, it } from 'vitest';
import { inspectOf } from '../../test/recreate/support/inspect.ts';
import type { Clock } from '../domain/clock.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import { EngineError } from '../domain/errors.ts';
import { healthcheckLimitMs, waitHealthy } from './healthy.ts';

/** Time that passes only while somebody sleeps. */
function fakeClock(): Clock & { at: number } {
  const clock = {
    at: 0,
    now: () => clock.at,
    monotonic: () => clock.at,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      clock.at += ms;
    },
  };
  return clock;
}

/** What a container looks like at each instant. */
function container(at: (ms: number) => Partial<ContainerInspect['State']> & { restarts?: number; gone?: true }, config = {}) {
  const clock = fakeClock();
  const engine = {
    inspect: () => {
      const { restarts = 0, gone, ...state } = at(clock.at);
      if (gone) return Promise.reject(new EngineError('not_found', 'no such container'));
      return Promise.resolve({ ...inspectOf({ state, config }), RestartCount: restarts });
    },
  };
  return { clock, wait: (options = {}) => waitHealthy(engine, 'x', { clock, signal: new AbortController().signal, ...options }) };
}

const health = (Status: string) => ({ Health: { Status, FailingStreak: 0 } });
const down = { Running: false, Status: 'exited', ExitCode: 7 };

describe('with a healthcheck', () => {
  it('is healthy when the engine says so', async () => {
    const one = container((ms) => health(ms < 5_000 ? 'starting' : 'healthy'));
    expect(await one.wait()).toEqual({ healthy: true });
    expect(one.clock.at).toBeGreaterThanOrEqual(5_000);
    expect(one.clock.at).toBeLessThan(5_300);
  });

  it('is not when the engine says so', async () => {
    expect(await container(() => health('unhealthy')).wait()).toEqual({ healthy: false, reason: 'is unhealthy' });
  });

  it('is given up once the engine itself would have', async () => {
    const config = { Healthcheck: { Interval: 1e9, Timeout: 2e9, StartPeriod: 10e9, Retries: 2 } };
    const one = container(() => health('starting'), config);
    expect(await one.wait()).toMatchObject({ healthy: false, reason: expect.stringMatching(/^is still starting after \d+ s$/) });
    expect(one.clock.at).toBeGreaterThan(10_000 + 3 * 3_000);
    expect(one.clock.at).toBeLessThan(31_000);
    expect(healthcheckLimitMs(inspectOf())).toBe(4 * 60_000 + 10_000);
  });
});

describe('without a healthcheck', () => {
  it('must run on end for a second', async () => {
    const one = container(() => ({}));
    expect(await one.wait()).toEqual({ healthy: true });
    expect(one.clock.at).toBe(1_000);
  });

  it('begins again when it was restarted', async () => {
    const one = container((ms) => (ms < 600 ? {} : ms < 900 ? { Restarting: true, Running: true } : { StartedAt: 'again', restarts: 1 }));
    expect(await one.wait()).toEqual({ healthy: true });
    expect(one.clock.at).toBe(1_900);
  });

  it('must see the steady state hold', async () => {
    const one = container(() => ({}));
    expect(await one.wait({ steadyStateHolds: () => Promise.resolve(one.clock.at > 7_000) })).toEqual({ healthy: true });
    expect(one.clock.at).toBeGreaterThan(7_000);
    expect(await container(() => ({})).wait({ steadyStateHolds: () => Promise.resolve(false) })).toMatchObject({ healthy: false });
  });
});

it('one that ended is not waited for', async () => {
  expect(await container(() => down).wait()).toEqual({ healthy: false, reason: 'ended with exit code 7' });
  expect(await container(() => ({ ...down, OOMKilled: true })).wait()).toEqual({
    healthy: false,
    reason: 'ended with exit code 7, out of memory',
  });
});

it('one that keeps ending is given up at the third restart', async () => {
  const one = container((ms) => ({ Running: true, Restarting: true, ExitCode: 1, restarts: Math.floor(ms / 500) }));
  expect(await one.wait()).toMatchObject({ healthy: false, reason: expect.stringContaining('restarted 3 times') });
});

it('one that is gone, and an abort', async () => {
  expect(await container((ms) => (ms < 500 ? {} : { gone: true })).wait()).toEqual({ healthy: false, reason: 'was removed by somebody' });
  await expect(container(() => ({})).wait({ signal: AbortSignal.abort(new Error('halt')) })).rejects.toThrow('halt');
});
