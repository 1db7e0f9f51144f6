/** Answers that are kept for as long as nothing that they were made from has changed. */
import type { Clock } from '../domain/clock.ts';

export interface Remembered<T> {
  /**
   * What `make` gave when it was last called for this key, if the version and the minute are still the same;
   * otherwise it is called again. Errors of it are not kept. `make` gets the beginning of the minute, UTC ms, as its now: what it gives
   * is the same whoever asks first.
   */
  get(key: string, make: (minute: number) => T): T;
}

/**
 * @param of what says by another version that something has changed: `store.control` for the whole database, `store.proofs` for proof
 * @param most how many keys are kept; the one that was made first goes first. Default 64
 */
export function createRemembered<T>(
  of: { version(): number | string },
  clock: Pick<Clock, 'now'>,
  { most = 64 }: { readonly most?: number } = {},
): Remembered<T> {
  // Requests that come in together are answered together: whatever one of them could know of had happened before the first was read.
  let asked: { readonly version: number | string } | null = null;
  const versionNow = () => {
    if (asked === null) {
      asked = { version: of.version() };
      setImmediate(() => {
        asked = null;
      });
    }
    return asked.version;
  };
  const kept = new Map<string, { readonly version: number | string; readonly minute: number; readonly value: T }>();
  return {
    get(key, make) {
      // Asked before `make` reads: a change while it reads makes the next call read again.
      const version = versionNow();
      const now = clock.now();
      const minute = now - (((now % minuteMs) + minuteMs) % minuteMs);
      const found = kept.get(key);
      if (found !== undefined && found.version === version && found.minute === minute) return found.value;
      const value = make(minute);
      kept.delete(key);
      const [first] = kept.keys();
      if (kept.size >= most && first !== undefined) kept.delete(first);
      kept.set(key, { version, minute, value });
      return value;
    },
  };
}

const minuteMs = 60_000;
