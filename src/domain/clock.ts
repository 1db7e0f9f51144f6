/** Time is passed in, so that tests own it. Instants are UTC milliseconds; durations come from the monotonic reading. */
export interface Clock {
  /** UTC instant in ms since the epoch; may jump. */
  now(): number;
  /** Monotonic ms with a fraction; only differences mean anything. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
