/** Work that a form begins and that may take longer than a browser waits: it goes on by itself, and the page says how it stands. */
import { setTimeout as after } from 'node:timers/promises';
import type { Clock } from '../../domain/clock.ts';
import { errorBody } from '../../domain/errors.ts';
import type { Aside } from '../../web/aside.ts';

export interface Asides<T> {
  /** Begins it, unless it goes on already; resolves when it has ended, or after a while. Rejects as the work does, when it does so soon enough. */
  start(id: string, work: () => Promise<T>): Promise<void>;
  /** How it stands; null when it was not begun, or is forgotten. */
  of(id: string): Aside<T> | null;
}

export interface AsideOptions {
  /** Somebody waits for so long. */
  readonly patienceMs: number;
  /** The last so many are known. Default 100. */
  readonly most?: number;
}

export function createAsides<T>(clock: Pick<Clock, 'now'>, { patienceMs, most = 100 }: AsideOptions): Asides<T> {
  const known = new Map<string, Aside<T>>();
  const going = new Map<string, Promise<void>>();
  const say = (id: string, aside: Aside<T>) => {
    // the newest last
    known.delete(id);
    known.set(id, aside);
    for (const old of known.keys()) if (known.size > most && !going.has(old)) known.delete(old);
  };
  const begin = async (id: string, work: () => Promise<T>) => {
    const since = clock.now();
    say(id, { state: 'going', since });
    try {
      const value = await work();
      say(id, { state: 'done', since, at: clock.now(), value });
    } catch (error) {
      say(id, { state: 'failed', since, at: clock.now(), message: errorBody(error).error.message });
      throw error;
    } finally {
      going.delete(id);
    }
  };
  return {
    async start(id, work) {
      const working = going.get(id) ?? begin(id, work);
      if (known.get(id)?.state === 'going') going.set(id, working);
      // nobody may wait for it any more when it fails
      working.catch(() => undefined);
      const waited = new AbortController();
      await Promise.race([working, after(patienceMs, undefined, { signal: waited.signal }).catch(() => undefined)]).finally(() =>
        waited.abort(),
      );
    },
    of: (id) => known.get(id) ?? null,
  };
}
