/** Keeps one caller from having the server for itself: so much at once, and then one each so often. */
import type { Clock } from '../domain/clock.ts';
import { failureLimit } from './failure-limit.ts';
import { HttpError } from './http-errors.ts';

export interface RateLimit {
  /** @throws HttpError 429 `too_many_requests`. What is refused does not count, so that waiting helps. */
  take(key: string): void;
}

export function rateLimit(
  clock: Pick<Clock, 'monotonic'>,
  { atOnce, everyMs }: { readonly atOnce: number; readonly everyMs: number },
): RateLimit {
  const bucket = failureLimit(clock, { burst: atOnce, leakMs: everyMs });
  return {
    take(key) {
      const waitMs = bucket.waitMs(key);
      if (waitMs > 0) {
        throw new HttpError(429, 'too_many_requests', `more than ${atOnce} requests at once, and then one every ${everyMs} ms`, {
          hint: `wait ${Math.ceil(waitMs / 1_000)} s`,
          context: { waitMs },
        });
      }
      bucket.failed(key);
    },
  };
}
