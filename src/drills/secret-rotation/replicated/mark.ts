import { createHash } from 'node:crypto';

/** `pitwall_` and 6 hexadecimal digits of the run: what its things are called in a system under rotation. */
export function nameOf(runId: string): string {
  return `pitwall_${createHash('sha256').update(runId).digest('hex').slice(0, 6)}`;
}
