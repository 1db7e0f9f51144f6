/**
 * A run's events as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), from `after` on until the
 * run's end. The run may be another process's: the store's version, cheap to ask, says when there may be something new.
 */
import type { Clock } from '../domain/clock.ts';
import type { Store } from '../store/store.ts';

export interface FollowDeps {
  readonly store: Pick<Store, 'runs' | 'events' | 'control'>;
  readonly clock: Clock;
}

/** Well under the 250 ms within which every process sees what another did. */
const pollMs = 100;
/** Proxies close a connection that is silent for a minute; some for 30 s. */
const heartbeatMs = 15_000;

export async function* follow(
  runId: string,
  after: number,
  { store, clock }: FollowDeps,
  { signal, isStillAllowed }: { readonly signal: AbortSignal; readonly isStillAllowed: () => boolean },
): AsyncGenerator<string, void, undefined> {
  let seq = after;
  let spokeAt = clock.monotonic();
  let allowedAt = spokeAt;
  const mayGoOn = () => {
    if (clock.monotonic() - allowedAt < heartbeatMs) return true;
    allowedAt = clock.monotonic();
    return isStillAllowed();
  };
  // Makes the headers go out at once, and says how soon a cut connection is to be made again.
  yield 'retry: 1000\n\n';
  while (!signal.aborted) {
    if (!mayGoOn()) return;
    const version = store.control.version();
    // Asked before the events are read: those of a run that had ended by now are then all there.
    const ended = !store.runs.unended().some((run) => run.id === runId);
    for (const { rowId: _, ...event } of store.events.list(runId, seq)) {
      yield `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
      seq = event.seq;
      spokeAt = clock.monotonic();
    }
    if (ended) {
      yield `event: end\ndata: ${JSON.stringify({ runId, verdict: store.runs.record(runId)?.verdict ?? null })}\n\n`;
      return;
    }
    while (store.control.version() === version && !signal.aborted) {
      // Rejects when the signal aborts, which the loop sees.
      await clock.sleep(pollMs, signal).catch(() => undefined);
      if (!mayGoOn()) return;
      if (signal.aborted || clock.monotonic() - spokeAt < heartbeatMs) continue;
      yield ': still here\n\n';
      spokeAt = clock.monotonic();
    }
  }
}
