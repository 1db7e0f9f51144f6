import type { ExecResult } from '../../domain/engine/streams.ts';
import { EngineError, InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import { took } from './answers.ts';
import type { Context } from './context.ts';
import type { Place } from './params.ts';
import { runningAt } from './place.ts';

/** What came of a command. Its output is not kept: it may hold what nobody may see. */
export interface Ran {
  /** Null when it did not end, or was not begun. */
  readonly exitCode: number | null;
  /** The first line of its output, when that is a whole number. */
  readonly count: number | null;
  /** `exit code 1, no number on its first line` */
  readonly words: string;
  /** ms */
  readonly ms: number;
  /** It ran to its end, or for as long as it may: not that the program was missing. */
  readonly began: boolean;
}

const mostAgain = 2;
/** Where nobody says how long the anchor's limit lasts. */
const usualPauseMs = 1_000;

type Hands = Pick<Context, 'engine' | 'clock' | 'signal'>;

/** Runs a command in a container as its own user. Throws the engine's error only when that is lost. */
export async function runIn(
  id: string,
  argv: readonly string[],
  { engine, clock, signal }: Hands,
  options: { readonly timeoutMs: number; readonly env?: readonly string[] | undefined; readonly look?: (result: ExecResult) => void },
): Promise<Ran> {
  const from = clock.monotonic();
  try {
    const { timeoutMs, env } = options;
    const result = await engine.exec(id, argv, { timeoutMs, signal, env, maxBytes: 65_536 });
    options.look?.(result);
    return ranOf(result.exitCode, result.stdout, clock.monotonic() - from);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EngineError) || error.lost) throw error;
    const ms = clock.monotonic() - from;
    const hung = error.context.timedOut === true;
    return {
      exitCode: null,
      count: null,
      ms,
      began: hung,
      words: hung ? `it did not end within ${took(options.timeoutMs)}` : `it could not be run (${error.code})`,
    };
  }
}

export function ranOf(exitCode: number | null, stdout: string, ms: number): Ran {
  const count = numberOn(stdout);
  // as a shell and the engine both say it
  const missing = exitCode === 126 || exitCode === 127;
  const code = exitCode === null ? 'it ended with its container' : `exit code ${exitCode}${missing ? ' (no such program there)' : ''}`;
  return {
    exitCode,
    count,
    ms,
    began: !missing,
    words: `${code}, ${count === null ? 'no number on its first line' : `it printed ${count}`}`,
  };
}

/** The first line as a whole number; null when it is none. */
export function numberOn(stdout: string): number | null {
  const line = stdout.split('\n', 1)[0]?.trim() ?? '';
  return /^\d{1,15}$/.test(line) ? Number(line) : null;
}

/** The target itself, where the data may be read. */
export interface Home {
  /** How many records it can read now; `expected`: that many were read elsewhere. Throws `InconclusiveError` when none, or nobody can say. */
  read(expected?: number): Promise<number>;
}

/** Asked again, it is not content with fewer than it has read before until it has been patient: an anchor may have had enough of us for now. */
export function homeOf(target: Target, context: Context): Home {
  const { command, timeout } = context.params.operate;
  let most = 1;
  return {
    async read(expected = 1) {
      const ran = await patiently(
        () => runIn(target.id, command, context, { timeoutMs: timeout }),
        (one) => isHopeless(one) || (one.exitCode === 0 && (one.count ?? 0) >= Math.max(most, expected)),
        context,
      );
      if (ran.exitCode !== 0 || ran.count === null || ran.count === 0)
        throw new InconclusiveError(
          'home',
          `operate in ${target.name} itself read nothing (${ran.words}): where nothing can be read at home, nothing that fails elsewhere is a proof`,
        );
      most = Math.max(most, ran.count);
      return ran.count;
    },
  };
}

/** Not for a limit: it could not even be run, does not end, or says something else than a number. */
function isHopeless({ began, exitCode, count }: Ran): boolean {
  return !began || exitCode === null || (exitCode === 0 && count === null);
}

/** The number that a command prints there; throws `InconclusiveError` when it prints none. */
export async function countAt(place: Place, command: readonly string[], where: string, target: Target, context: Context): Promise<number> {
  const [container] = await runningAt(context.engine, place, target, where);
  if (container === undefined) throw new Error('no container');
  const ran = await runIn(container.id, command, context, { timeoutMs: context.params.operate.timeout });
  if (ran.exitCode === 0 && ran.count !== null) return ran.count;
  throw new InconclusiveError('count', `${where}.command in ${container.name} gave no count (${ran.words})`);
}

/** Again while it is not good enough: an anchor that limits its use may have had enough of us for now. */
export async function patiently<T>(
  attempt: () => Promise<T>,
  isEnough: (value: T) => boolean,
  { params, clock, signal }: Pick<Context, 'params' | 'clock' | 'signal'>,
): Promise<T> {
  let value = await attempt();
  for (let tries = mostAgain; tries > 0 && !isEnough(value); tries--) {
    await clock.sleep(params.throttle?.window ?? usualPauseMs, signal);
    value = await attempt();
  }
  return value;
}
