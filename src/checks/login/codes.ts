import type { Verdict } from './connection.ts';

/** What the other side hung up without a word is called. */
export const hungUp = 'closed';

/** An error's code, which is never a text of somebody's: `ECONNREFUSED`, `28P01`, `CERT_HAS_EXPIRED`. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Za-z0-9_/]{2,80}$/.test(code) ? code : 'unexpected';
}

/** Of an attempt: how a connection failed says nothing about a credential. */
export function unknown(code: string): Verdict {
  return { answer: 'unknown', code };
}

/** Of a connection that had been open. Ended by the other side, or lost on the way, which says nothing. */
export function ended(code: string): Verdict {
  return isHangUp(code) ? { answer: 'closed', code } : unknown(code);
}

/** The other side's end of a connection, without a word of the system. */
export function isHangUp(code: string | null): boolean {
  return code !== null && byOtherSide.has(code);
}

const byOtherSide: ReadonlySet<string> = new Set([hungUp, 'ECONNRESET', 'EPIPE']);
