import type { CheckSpec } from '../domain/drill.ts';
import { PitwallError } from '../domain/errors.ts';
import type { Check, CheckResult, CheckScope } from './contract.ts';
import type { Question } from './questions.ts';
import { noReplica, replicas } from './replicas.ts';
import { openVantage, type Vantage } from './vantage.ts';

/** One to ask from and one that stands by: the first may be beside a replica that is about to be recycled. */
const most = 2;
/** ms between looks at which replicas there are, and before a helper that did not start is tried again. */
const lookEvery = 1_000;

/**
 * Asks from inside the network of a running replica of a service, through a helper container that shares it. When the replica is
 * replaced or ends, another one is asked from; samples for which there is none fail, for nobody can say what they would have seen.
 */
export function fromService(spec: CheckSpec, service: string, question: Question, scope: CheckScope): Check {
  const { clock } = scope;
  const vantages = new Set<Vantage>();
  const starting = new Map<string, Promise<void>>();
  const leaving = new Set<Promise<void>>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let failure: string | null = null;
  let first: Promise<void> | null = null;
  let closed = false;

  return { spec, oneAtATime: false, ask: (signal) => unlessAborted(sample, signal), close };

  async function sample(): Promise<CheckResult> {
    const begun = clock.monotonic();
    first ??= settleIn();
    await first;
    if (clock.monotonic() - lookedAt >= lookEvery) look().catch(() => undefined);
    for (const vantage of vantages) {
      const result = await vantage.ask(question, spec.timeoutMs);
      // A failure is the asked one's only while the place it was asked from is in order.
      if (result !== null && (result.ok || (await vantage.holds()))) return result;
      drop(vantage);
    }
    return { ok: false, latencyMs: clock.monotonic() - begun, error: await look(), nobody: true };
  }

  /** The image and the first helper take their time once, before anything is measured. */
  async function settleIn(): Promise<void> {
    try {
      await look();
      while (vantages.size === 0 && starting.size > 0) await Promise.race(starting.values());
    } catch (error) {
      first = null;
      throw error;
    }
  }

  /** Gives up vantages whose replica is gone or whose time is over, starts those that are missing, and says why there may be none. */
  async function look(): Promise<string> {
    lookedAt = clock.monotonic();
    const running = (await replicas(scope, service)).filter(({ state }) => state === 'running');
    for (const vantage of vantages) {
      if (clock.monotonic() > vantage.until || !running.some(({ id }) => id === vantage.replica)) drop(vantage);
    }
    const covered = new Set([...vantages].map(({ replica }) => replica));
    for (const { id } of running) {
      const full = vantages.size + starting.size >= most || clock.monotonic() - failedAt < lookEvery;
      if (!closed && !full && !covered.has(id) && !starting.has(id)) starting.set(id, start(id));
    }
    if (running.length === 0) return noReplica(service, scope.project);
    return failure ?? `no replica of ${service} to ask from yet`;
  }

  async function start(replica: string): Promise<void> {
    try {
      const vantage = await openVantage(replica, scope);
      failure = vantage === null ? 'the helper did not start' : null;
      if (vantage !== null) vantages.add(vantage);
      if (closed && vantage !== null) drop(vantage);
    } catch (error) {
      failure = `the helper could not be started (${error instanceof PitwallError ? error.code : 'defect'})`;
    } finally {
      if (failure !== null) failedAt = clock.monotonic();
      starting.delete(replica);
    }
  }

  function drop(vantage: Vantage): void {
    if (!vantages.delete(vantage)) return;
    // What cannot be removed now is the sweep's when the run has ended.
    const left: Promise<void> = vantage
      .close()
      .catch(() => undefined)
      .finally(() => leaving.delete(left));
    leaving.add(left);
  }

  async function close(): Promise<void> {
    closed = true;
    await Promise.all(starting.values());
    for (const vantage of vantages) drop(vantage);
    await Promise.all(leaving);
  }
}

async function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    over.abort();
  }
}
