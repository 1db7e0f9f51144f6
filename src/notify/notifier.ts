import { setMaxListeners } from 'node:events';
import type { Clock } from '../domain/clock.ts';
import { errorBody } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';
import { nextTry } from './backoff.ts';
import { type CollectorOptions, createCollector } from './collect.ts';
import { deliver } from './deliver.ts';
import type { Hook } from './hook.ts';

export interface NotifierOptions {
  readonly store: CollectorOptions['store'] & Pick<Store, 'instanceId'>;
  readonly clock: Clock;
  readonly hooks: readonly Hook[];
  readonly expiring: CollectorOptions['expiring'];
  /** From 0 to 1. */
  readonly random: () => number;
  readonly version: string;
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
    error(data: object, message: string): void;
  };
}

export interface Notifier extends AsyncDisposable {
  /** Ends what is under way; it is sent again by the next one. */
  stop(): Promise<void>;
}

const lookEveryMs = 1_000;
/** After a failure a hook is left alone this long, the longer the more there were, whatever else waits for it. */
const restMs = 2_000;
const longestRestMs = 60_000;

/**
 * Writes notices of what happens in the database and sends them, each hook by itself: one that hangs holds up no other, and none of them
 * a drill. Nothing that waits is lost with the process; what was under way when it ended may come twice, with the same id.
 */
export function startNotifier(options: NotifierOptions): Notifier {
  const { store, clock, hooks, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  // every loop's sleep and every request listens to it
  setMaxListeners(0, signal);
  const collect = createCollector({ store, clock, hooks, expiring: options.expiring });
  const loop = async (work: () => Promise<number>) => {
    while (!signal.aborted) {
      let wait = lookEveryMs;
      try {
        wait = await work();
      } catch (error) {
        log.error({}, `notices: ${errorBody(error).error.message}`);
        wait = 5 * lookEveryMs;
      }
      if (wait > 0) await clock.sleep(wait, signal).catch(() => undefined);
    }
  };
  const loops = [
    loop(async () => {
      collect();
      return lookEveryMs;
    }),
    loop(async () => {
      const dropped = store.notices.keepHooks(
        hooks.map(({ name }) => name),
        clock.now(),
      );
      if (dropped > 0) log.warn({ dropped }, 'notices for hooks that the configuration has no more are given up');
      return 3_600_000;
    }),
    ...hooks.map((hook) => loop(sender(hook, options, signal))),
  ];
  const stop = async () => {
    stopping.abort(new Error('the notifier was stopped'));
    await Promise.all(loops);
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

/** Sends the next that is due; gives how long to wait, ms. */
function sender(hook: Hook, { store, clock, random, version, log }: NotifierOptions, signal: AbortSignal): () => Promise<number> {
  let failures = 0;
  return async () => {
    const due = store.notices.due(hook.name, clock.now());
    if (due === null) return lookEveryMs;
    const { notice, attempts } = due;
    const triedAt = clock.now();
    const answer = await deliver(hook, notice, `${store.instanceId}-${notice.id}`, { now: triedAt, signal, version });
    if (signal.aborted && !answer.ok) return 0;
    const now = clock.now();
    const said = { hook: hook.name, host: answer.host, notice: notice.id, type: notice.type, attempts: attempts + 1 };
    if (answer.ok) {
      failures = 0;
      store.notices.settle(notice.id, hook.name, { state: 'sent', triedAt, nextAt: now, note: answer.note });
      log.info(said, `notice sent: ${answer.note}`);
      return 0;
    }
    const next = answer.retry
      ? nextTry({ now, firstTriedAt: due.firstTriedAt ?? triedAt, attempts: attempts + 1, retryAfterMs: answer.retryAfterMs }, random())
      : null;
    store.notices.settle(notice.id, hook.name, {
      state: next === null ? 'failed' : 'pending',
      triedAt,
      nextAt: next ?? now,
      note: answer.note,
    });
    if (next === null) log.error(said, `notice given up: ${answer.note}`);
    else log.warn({ ...said, next: new Date(next).toISOString() }, `notice not sent yet: ${answer.note}`);
    failures += 1;
    return Math.min(longestRestMs, restMs * failures);
  };
}
