import type { LookupFunction } from 'node:net';
import type { CheckResult } from './contract.ts';
import { httpGet } from './http-get.ts';
import { tcpConnect } from './tcp-connect.ts';

/** What a check asks over a network, from wherever. */
export type Question =
  | { readonly type: 'http'; readonly url: string; readonly status: number }
  | { readonly type: 'tcp'; readonly address: string };

/** One line of JSON each, to and from a helper. In the order in which the answers come. */
export type AskLine = Question & { readonly id: number; readonly timeoutMs: number };
export type AnswerLine = CheckResult & { readonly id: number };

/** What a helper prints first. */
export const readyLine = 'ready';

/** What was wrong, in a few words; null when nothing was. `answered`: see `Attempt`. */
export function put(question: Question, lookup: LookupFunction, signal: AbortSignal, answered: () => void): Promise<string | null> {
  return question.type === 'http'
    ? httpGet(question.url, question.status, lookup, signal)
    : tcpConnect(question.address, { lookup, signal, answered });
}
