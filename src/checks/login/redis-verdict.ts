import { codeOf, ended, hungUp, unknown } from './codes.ts';
import type { Verdict } from './connection.ts';

/** By the code that starts a reply of an error (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). */
export function replyVerdict(error: unknown): Verdict | null {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return null;
  const known = worded.find(({ pattern }) => pattern.test(error.message));
  if (known !== undefined) return known.verdict;
  const code = /^[A-Z]{2,30}(?= |$)/.exec(error.message)?.[0] ?? 'ERR';
  return refusals.has(code) ? { answer: 'refused', code } : unknown(code);
}

/** Of a connection that had not been logged in yet. */
export function loginVerdict(error: unknown): Verdict {
  return replyVerdict(error) ?? unknown(redisCode(error));
}

export function sessionVerdict(error: unknown): Verdict {
  return replyVerdict(error) ?? ended(redisCode(error));
}

const refusals: ReadonlySet<string> = new Set(['WRONGPASS', 'NOAUTH', 'NOPERM']);

/** What has no code of its own. */
const worded: readonly { readonly pattern: RegExp; readonly verdict: Verdict }[] = [
  { pattern: /^ERR max number of clients/, verdict: unknown('max-clients') },
  // before version 6
  { pattern: /^ERR invalid password/, verdict: { answer: 'refused', code: 'invalid-password' } },
];

/** ioredis has no code for a connection that the server closed. */
function redisCode(error: unknown): string {
  return error instanceof Error && /^(Connection is closed|Command aborted|Stream isn't writeable)/.test(error.message)
    ? hungUp
    : codeOf(error);
}
