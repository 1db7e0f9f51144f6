/** In a helper container: makes the requests that come on its standard input, one after the other, until that ends. */
import { createInterface } from 'node:readline';
import { type HttpAnswer, type HttpRequest, httpRequest } from './http-request.ts';

/** One line of JSON each. What the helper says holds secrets: its output must not be kept by the engine. */
export type AskLine = HttpRequest & { readonly id: number; readonly timeoutMs: number };
export type AnswerLine = HttpAnswer & { readonly id: number };

/** What it prints first. */
export const readyLine = 'ready';

export async function run(_args: readonly string[], signal: AbortSignal): Promise<number> {
  const lines = createInterface({ input: process.stdin, signal });
  process.stdout.write(`${readyLine}\n`);
  for await (const line of lines) {
    const { id, timeoutMs, ...request } = JSON.parse(line) as AskLine;
    const answer: AnswerLine = { id, ...(await httpRequest(request, AbortSignal.timeout(timeoutMs))) };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  return 0;
}
