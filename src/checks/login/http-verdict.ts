import { unknown } from './codes.ts';
import { accepted, type Verdict } from './connection.ts';

/** By the status of the answer alone. A redirect, an error of the server and a limit say nothing about a credential. */
export function statusVerdict(status: number): Verdict {
  if (status >= 200 && status < 300) return accepted;
  const code = String(status);
  return status === 401 || status === 403 ? { answer: 'refused', code } : unknown(code);
}
