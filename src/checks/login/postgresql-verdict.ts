import { codeOf, ended, hungUp, unknown } from './codes.ts';
import type { Verdict } from './connection.ts';

/**
 * By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html). 28P01: wrong password, expired, or no such role; 28000: the role may not
 * log in, or not from here. 53300 (too many clients), 57P03 (starting, stopping), 3D000, 42501 and the like are not about the credential.
 */
export function loginVerdict(error: unknown): Verdict {
  const code = pgCode(error);
  return refusals.has(code) ? { answer: 'refused', code } : unknown(code);
}

/** Of a session that had been open. */
export function sessionVerdict(error: unknown): Verdict {
  const code = pgCode(error);
  if (refusals.has(code)) return { answer: 'refused', code };
  return endings.has(code) ? { answer: 'closed', code } : ended(code);
}

const refusals: ReadonlySet<string> = new Set(['28P01', '28000']);
/** Terminated by an administrator, by a crash, with its database, for idleness. */
const endings: ReadonlySet<string> = new Set(['57P01', '57P02', '57P04', '57P05']);

/** pg has no code for a connection that the server closed. */
function pgCode(error: unknown): string {
  return error instanceof Error && error.message.startsWith('Connection terminated') ? hungUp : codeOf(error);
}
