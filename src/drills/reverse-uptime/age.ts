import { hashShare } from '../../domain/random.ts';
import type { Target } from '../../domain/target.ts';
import type { Params } from './params.ts';

/** UTC ms since when a container counts: it was created, or its processes were started. */
export function bornAt(target: Pick<Target, 'createdAt' | 'startedAt'>, mode: Params['mode']): number {
  return mode === 'recreate' ? target.createdAt : target.startedAt;
}

/**
 * The age in ms at which this container falls due: at most `maxUptime`, less a share of it that its name decides. The same on every day
 * and for every container that follows it under the name.
 */
export function dueAge(name: string, params: Pick<Params, 'maxUptime' | 'spread'>): number {
  return params.maxUptime * (1 - params.spread * hashShare(name));
}

/** The value that 95 % of a list do not exceed (nearest rank); null of nothing. */
export function p95(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}
