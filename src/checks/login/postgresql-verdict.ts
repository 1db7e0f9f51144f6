import { codeOf, ended, hungUp, unknown } from './codes.ts';
import type { Verdict } from './connection.ts';

/**
 * By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html). 28P01: wrong password, expired, or no such role; 28000: the role may not
 * log in, or not from here. 53300 (too many clients), 57P03 (starting, stopping), 3D000, 42501 and the like are not about the credential.
 */
export function loginVerdict(error: unknown): Verdict {
  const code = pgCode(error);
  const pooler = code === '08P01' ? poolerVerdict(error) : null;
  if (pooler !== null) return pooler;
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

/**
 * PgBouncer has one code for all that it refuses. What it says of a password is its own list's word; what it says of its server is not about the credential that it
 * was shown, which it had taken by then.
 */
function poolerVerdict(error: unknown): Verdict | null {
  const text = error instanceof Error ? error.message : '';
  if (poolerRefusals.has(text)) return { answer: 'refused', code: '08P01' };
  return /^server login (has been failing|failed)/.test(text) ? unknown('pooler-login') : null;
}

const poolerRefusals: ReadonlySet<string> = new Set(['SASL authentication failed', 'password authentication failed']);

/** pg has no code for a connection that the server closed. */
function pgCode(error: unknown): string {
  return error instanceof Error && error.message.startsWith('Connection terminated') ? hungUp : codeOf(error);
}
