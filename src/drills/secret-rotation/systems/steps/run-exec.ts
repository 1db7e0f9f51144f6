import { plainName } from '../../../../container/names.ts';
import type { Clock } from '../../../../domain/clock.ts';
import { formatDuration } from '../../../../domain/duration.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import type { Engine } from '../../../../domain/engine.ts';
import { EngineError } from '../../../../domain/errors.ts';
import { failed, type Outcome, ofExit, outputBytes } from './outcome.ts';

/** Commands that were given up and may go on: the engine cannot end what it started in a container. */
export interface Stragglers {
  add(where: string, ended: Promise<unknown>): void;
  /** Names of the containers in which one has not ended after so long. */
  waitFor(ms: number, clock: Clock): Promise<readonly string[]>;
}

export interface ExecIo {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Aborted when nobody asks any more how a straggler ended. */
  readonly over: AbortSignal;
  readonly stragglers: Stragglers;
}

/** The engine itself waits this much longer for a command that was given up, to say whether it still runs. */
const watchMs = 600_000;

/**
 * Runs a command in a container with `input` on its standard input. Rejects with the signal's reason, or with an `EngineError` when the engine is lost.
 */
export async function runExec(
  container: ContainerInspect,
  argv: readonly string[],
  input: string,
  timeoutMs: number,
  io: ExecIo,
): Promise<Outcome> {
  io.signal.throwIfAborted();
  const where = plainName(container.Name);
  const run = io.engine
    .exec(container.Id, argv, { stdin: input, signal: io.over, timeoutMs: timeoutMs + watchMs, maxBytes: outputBytes })
    .then((result) => ofExit(result.exitCode, result.stdout, result.truncated))
    .catch((error: unknown): Outcome => {
      if (error instanceof EngineError && !error.lost) return failed(`could not be run by the engine (${error.code})`);
      throw error;
    });
  const alarm = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    io.signal.addEventListener('abort', () => reject(io.signal.reason as Error), { once: true, signal: alarm.signal });
  });
  const late = io.clock.sleep(timeoutMs, alarm.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  );
  try {
    const first = await Promise.race([run, late, aborted]);
    if (first !== 'late') return first;
    io.stragglers.add(where, run);
    return failed(`did not end within ${formatDuration(timeoutMs)}, and may still run: the engine cannot end it`);
  } catch (error) {
    if (io.signal.aborted) io.stragglers.add(where, run);
    throw error;
  } finally {
    alarm.abort();
  }
}

export function newStragglers(): Stragglers {
  const open = new Map<Promise<unknown>, string>();
  return {
    add(where, ended) {
      open.set(ended, where);
      ended.then(
        () => open.delete(ended),
        // Nobody knows of it any more: it counts as running.
        () => undefined,
      );
    },
    async waitFor(ms, clock) {
      const alarm = new AbortController();
      const late = clock.sleep(ms, alarm.signal).catch(() => undefined);
      await Promise.race([Promise.allSettled(open.keys()), late]);
      alarm.abort();
      return [...new Set(open.values())];
    },
  };
}
