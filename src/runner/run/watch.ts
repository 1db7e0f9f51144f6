import { formatDuration } from '../../domain/duration.ts';
import { errorBody } from '../../domain/errors.ts';
import type { RunnerDeps } from '../deps.ts';
import type { Aborter } from './abort.ts';

/** Halts and aborts are rows that another process wrote: every process sees them within 250 ms. */
const pollMs = 200;

/** Aborts the run when its database fails, on halt, on a request to abort it, and at its time limit. */
export function watch(
  runId: string,
  timeoutMs: number,
  aborter: Aborter,
  deps: Pick<RunnerDeps, 'store' | 'clock'> & { onPoll(): void },
): { stop(): Promise<void> } {
  const { store, clock } = deps;
  const ended = new AbortController();
  const end = clock.monotonic() + timeoutMs;

  async function poll(): Promise<void> {
    let seen: number | null = null;
    for (;;) {
      // a halt that stood before the run began refuses it; only one that comes later aborts it
      await clock.sleep(Math.min(pollMs, Math.max(1, end - clock.monotonic())), ended.signal).catch(() => undefined);
      if (ended.signal.aborted || aborter.signal.aborted) return;
      if (clock.monotonic() >= end) return aborter.abort('timeout', `the time limit of ${formatDuration(timeoutMs)} was reached`);
      deps.onPoll();
      const version = store.control.version();
      if (version !== seen) {
        seen = version;
        const halted = store.control.halted();
        if (halted) return aborter.abort('halt', `halted by ${halted.by}${halted.reason ? `: ${halted.reason}` : ''}`);
        const asked = store.runs.abortRequested(runId);
        if (asked) return aborter.abort('request', `aborted by ${asked.by}`);
      }
    }
  }
  const polling = poll().catch((error: unknown) => aborter.abort('database', errorBody(error).error.message));
  return {
    async stop() {
      ended.abort();
      await polling;
    },
  };
}
