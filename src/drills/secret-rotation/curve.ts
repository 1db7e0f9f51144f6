import type { Answer } from '../../checks/prober/contract.ts';
import type { CurvePlan, CurveTrack } from '../../domain/curve.ts';
import { type Golden, outages } from './golden.ts';
import type { Track } from './tracks.ts';

/** A step of the plan, monotonic ms. */
export interface Phase {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export function curveTrack({ point, where, credential, mode, samples }: Track, leakAt: number): CurveTrack {
  const changes: CurveTrack['changes'] = [];
  const attempts: Record<Answer, number> = { accepted: 0, refused: 0, closed: 0, unknown: 0 };
  for (const { answer, code, endedAt } of samples()) {
    attempts[answer]++;
    const last = changes.at(-1);
    if (last?.answer !== answer || last.code !== code) changes.push({ at: round(endedAt - leakAt), answer, code });
  }
  return { point, from: where, credential, mode, changes, attempts };
}

export function curveConsumer({ service, replica, requests }: Golden, leakAt: number): CurvePlan['consumers'][number] {
  const all = requests();
  return {
    service: replica === null ? service : `${service} (${replica})`,
    requests: all.length,
    failed: all.filter(({ ok }) => !ok).length,
    outages: outages(all).map(({ from, to }) => ({ from: round(from - leakAt), to: to === null ? null : round(to - leakAt) })),
  };
}

export function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
