import type { Clock } from './domain/clock.ts';
import { DatabaseError } from './domain/errors.ts';
import type { Store } from './store/store.ts';

const heartbeatEveryMs = 5_000;

/**
 * This process's row in the store, kept alive until it stops; without it nobody else could tell that its runs go on. `onDisplaced` is
 * told when another process took its place, after which this one must do nothing more.
 */
export function openProcess(
  store: Store,
  role: 'serve' | 'command',
  { clock, onDisplaced }: { readonly clock: Clock; readonly onDisplaced?: (() => void) | undefined },
): { readonly id: number; stop(): Promise<void> } {
  const handle = store.processes.register(role);
  const stopping = new AbortController();
  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(heartbeatEveryMs, stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;
      try {
        if (!handle.heartbeat()) return onDisplaced?.();
      } catch (error) {
        // a database that is busy for a moment is no reason to end: others look at the process itself first
        if (!(error instanceof DatabaseError)) throw error;
      }
    }
  };
  const beating = beat();
  return {
    id: handle.id,
    async stop() {
      stopping.abort();
      await beating;
      handle.release();
    },
  };
}
