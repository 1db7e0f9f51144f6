import type { Helper } from '../container/helper-container.ts';
import type { CheckResult } from './contract.ts';
import { type AnswerLine, type AskLine, type Question, readyLine } from './questions.ts';

/** Questions to a helper that runs `answer.ts`, and its answers, which come in any order. */
export interface Conversation {
  /** True once it listens; false when it ended before. */
  readonly ready: Promise<boolean>;
  /** Null when it ends without an answer. */
  ask(question: Question, timeoutMs: number): Promise<CheckResult | null>;
}

export function converse(helper: Pick<Helper, 'output' | 'write'>): Conversation {
  const waiting = new Map<number, (answer: CheckResult | null) => void>();
  let asked = 0;
  let ended = false;
  let listens: (ready: boolean) => void;
  const ready = new Promise<boolean>((resolve) => {
    listens = resolve;
  });
  read().catch(finish);

  return {
    ready,
    ask(question, timeoutMs) {
      return new Promise((resolve) => {
        if (ended) return resolve(null);
        const line: AskLine = { id: asked++, timeoutMs, ...question };
        waiting.set(line.id, resolve);
        helper.write(`${JSON.stringify(line)}\n`);
      });
    },
  };

  async function read(): Promise<void> {
    for await (const { stream, line } of helper.output) {
      if (stream === 'stderr') continue;
      if (line === readyLine) listens(true);
      else answered(line);
    }
    finish();
  }

  function finish(): void {
    ended = true;
    listens(false);
    for (const answer of waiting.values()) answer(null);
    waiting.clear();
  }

  function answered(line: string): void {
    const { id, ...result } = parsed(line);
    if (id === undefined) return;
    waiting.get(id)?.(result as Omit<AnswerLine, 'id'>);
    waiting.delete(id);
  }
}

/** What else a helper's runtime may print is no answer. */
function parsed(line: string): Partial<AnswerLine> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
