import type { Expectation } from '../domain/drill.ts';
import type { ExecResult } from '../domain/engine/streams.ts';

/** What is wrong with a command's answer, or null. A number is shown; a text never, for it may be a secret. */
export function judgeAnswer(answer: Pick<ExecResult, 'exitCode' | 'stdout'>, expect: Expectation): string | null {
  if (answer.exitCode === null) return 'the command did not end';
  if (answer.exitCode !== expect.exitCode) return `exit code ${answer.exitCode}, expected ${expect.exitCode}`;
  const line = answer.stdout.split('\n', 1)[0]?.trim() ?? '';
  if (expect.min !== null || expect.max !== null) {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line)) return 'the first line is not a number';
    const value = Number(line);
    if (expect.min !== null && value < expect.min) return `${value}, expected at least ${expect.min}`;
    if (expect.max !== null && value > expect.max) return `${value}, expected at most ${expect.max}`;
  }
  if (expect.equals !== null && line !== expect.equals) return 'the first line is not the expected one';
  if (expect.contains !== null && !line.includes(expect.contains)) return 'the first line lacks the expected text';
  return null;
}
