import type { ByteHelper } from '../../../container/helper-container.ts';
import { helperLines } from '../../../container/helper-lines.ts';
import type { Clock } from '../../../domain/clock.ts';
import type { Answers, Asked, Question, Said } from './agent-lines.ts';
import { HandError } from './hand-error.ts';

/** Questions to a helper that runs `agent.ts`, one after the other. */
export interface Line {
  /** Null when it has ended. Throws `HandError` with the code that it answered, or `timeout`. */
  ask<Q extends Question>(question: Q, options: { readonly clock: Clock }): Promise<Answers[Q['do']] | null>;
  close(): Promise<void>;
}

/** Longer than its own patience with a consumer. */
const patienceMs = 20_000;

export function lineTo(helper: ByteHelper): Line {
  const waiting = new Map<number, (said: Said | null) => void>();
  let asked = 0;
  let ended = false;
  read().then(finish, finish);

  return {
    async ask<Q extends Question>(question: Q, { clock }: { readonly clock: Clock }) {
      if (ended) return null;
      const id = asked++;
      const alarm = new AbortController();
      const said = new Promise<Said | null>((resolve) => waiting.set(id, resolve));
      const late = clock.sleep(patienceMs, alarm.signal).then(
        (): Said => ({ id, failed: 'timeout' }),
        () => null,
      );
      helper.write(`${JSON.stringify({ id, ...question } satisfies Asked)}\n`);
      const answer = await Promise.race([said, late]);
      alarm.abort();
      waiting.delete(id);
      if (answer === null) return null;
      if ('failed' in answer) throw new HandError(answer.failed);
      return answer.answer as Answers[Q['do']];
    },
    close: () => helper.stop(),
  };

  async function read(): Promise<void> {
    for await (const line of helperLines(helper)) heard(line);
  }

  function heard(line: string): void {
    const said = JSON.parse(line) as Said;
    waiting.get(said.id)?.(said);
  }

  function finish(): void {
    ended = true;
    for (const answer of waiting.values()) answer(null);
    waiting.clear();
  }
}
