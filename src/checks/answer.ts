/** In a helper container: answers the questions on its standard input until that ends. */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import { singleLookup } from './lookup.ts';
import { type AnswerLine, type AskLine, put, readyLine } from './questions.ts';
import { timed } from './timed.ts';

export async function run(_args: readonly string[], signal: AbortSignal): Promise<number> {
  const lookup = singleLookup();
  const lines = createInterface({ input: process.stdin, signal });
  process.stdout.write(`${readyLine}\n`);
  for await (const line of lines) {
    // Not awaited: a question must not wait for the one before it.
    answer(JSON.parse(line) as AskLine).catch(() => undefined);
  }
  return 0;

  async function answer({ id, timeoutMs, ...question }: AskLine): Promise<void> {
    const result = await timed((cut, answered) => put(question, lookup, cut, answered), { clock, timeoutMs, signal });
    const said: AnswerLine = { id, ...result };
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};
