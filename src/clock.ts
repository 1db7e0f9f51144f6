import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './domain/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    // a timer beyond 24.8 days fires at once (Node's limit of 2^31 − 1 ms)
    await sleep(Math.min(ms, 2 ** 31 - 1), undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : error;
    });
  },
};
