import { hashShare } from '../domain/random.ts';

/**
 * How much later than its instant a slot is due, in ms: from 0 up to the drill's jitter, in whole seconds. The same for the same drill
 * and instant in every process, so that it can be shown beforehand.
 */
export function jitterOf(drill: string, instant: number, jitterMs: number): number {
  return Math.floor((hashShare(`${drill}@${instant}`) * (jitterMs + 1000)) / 1000) * 1000;
}
