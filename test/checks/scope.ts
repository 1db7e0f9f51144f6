import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckScope } from '../../src/checks/contract.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { ContainerSummary } from '../../src/domain/engine/containers.ts';
import type { Engine } from '../../src/domain/engine.ts';

/** A signal that does not abort. */
export const never = new AbortController().signal;

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

/** What a check is given; without an engine unless the test brings one. */
export function checkScope(given: Partial<CheckScope> = {}): CheckScope {
  return {
    engine: new Proxy({}, { get: (_, name) => () => Promise.reject(new Error(`the engine was asked: ${String(name)}`)) }) as Engine,
    project: 'shop',
    clock: realClock,
    helper: () => Promise.reject(new Error('a helper was asked for')),
    runId: '01JD0000000000000000000000',
    instance: 'test-instance',
    ...given,
  };
}

/** A running container, as a list shows it. */
export function container(name: string, given: Partial<ContainerSummary> = {}): ContainerSummary {
  return {
    id: name,
    name,
    image: 'i',
    imageId: 'i',
    state: 'running',
    status: 'Up 3 seconds',
    createdAt: 0,
    labels: {},
    networks: [],
    ...given,
  };
}
