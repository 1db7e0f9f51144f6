import { startHelper } from '../container/helper-container.ts';
import type { Clock } from '../domain/clock.ts';
import { EngineError } from '../domain/errors.ts';
import type { CheckResult, CheckScope } from './contract.ts';
import { converse } from './conversation.ts';
import type { Question } from './questions.ts';

/** A helper in the network of one replica, from which questions are asked. */
export interface Vantage {
  readonly replica: string;
  /** Monotonic ms at which it must have been given up. */
  readonly until: number;
  /** Null when the helper gave no answer: it has ended, or hangs. */
  ask(question: Question, timeoutMs: number): Promise<CheckResult | null>;
  /** The replica is the process that it was when the helper joined its network. */
  holds(): Promise<boolean>;
  close(): Promise<void>;
}

const lifeMs = 3_600_000;
/** It is given up this long before its helper ends by itself. */
const spareMs = 300_000;
const startMs = 15_000;
/** How much later than the question's own time-out an answer may come before the helper is taken for dead. */
const marginMs = 2_000;

/** glibc would wait 5 s for each DNS server, twice: longer than a sample may take. */
const env = ['RES_OPTIONS=timeout:1 attempts:2', 'UV_THREADPOOL_SIZE=8'];

/** Null when the helper did not come to listen; rejects when it cannot be started. Nothing is left of it then. */
export async function openVantage(replica: string, scope: CheckScope): Promise<Vantage | null> {
  const { engine, clock, runId, instance } = scope;
  const { reference: image } = await scope.helper();
  const startedAt = await runningSince();
  const helper = await startHelper(engine, {
    image,
    runId,
    instance,
    role: 'check',
    work: { module: 'checks/answer.js' },
    networkContainer: replica,
    expiresMs: lifeMs,
    now: clock.now(),
    endsWithPitwall: true,
    env,
  });
  const talk = converse(helper);
  if ((await within(talk.ready, startMs, clock)) !== true) {
    await helper.stop();
    return null;
  }
  return {
    replica,
    until: clock.monotonic() + lifeMs - spareMs,
    ask: (question, timeoutMs) => within(talk.ask(question, timeoutMs), timeoutMs + marginMs, clock),
    holds: async () => (await runningSince()) === startedAt,
    close: () => helper.stop(),
  };

  /** Null when it does not run. */
  async function runningSince(): Promise<string | null> {
    try {
      const { State } = await engine.inspect(replica);
      return State.Running ? State.StartedAt : null;
    } catch (error) {
      if (error instanceof EngineError && error.code === 'not_found') return null;
      throw error;
    }
  }
}

/** Null when it takes longer. */
async function within<T>(answer: Promise<T>, ms: number, clock: Clock): Promise<T | null> {
  const alarm = new AbortController();
  const late = clock.sleep(ms, alarm.signal).then(
    () => null,
    () => null,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    alarm.abort();
  }
}
