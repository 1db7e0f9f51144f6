import type { CurvePlan, CurveTrack } from '../domain/curve.ts';

type Answer = keyof CurveTrack['attempts'];

export interface CurveSegment {
  readonly answer: Answer;
  /** What it means for who tried: a credential that is out is good when it is refused, the new one when it is let in. */
  readonly meaning: 'good' | 'bad' | 'unknown' | 'before';
  /** ms from the leak. */
  readonly from: number;
  readonly to: number;
  /** All that the system said meanwhile. */
  readonly codes: readonly string[];
}

/** Between the changes of its answer; cut at the leak, since before it the old one is let in by right. */
export function curveSegments({ changes, credential }: Pick<CurveTrack, 'changes' | 'credential'>, end: number): CurveSegment[] {
  const found: CurveSegment[] = [];
  changes.forEach(({ at, answer, code }, index) => {
    const to = Math.max(at, changes[index + 1]?.at ?? Math.max(end, at));
    const pieces = at < 0 && to > 0 ? [[at, 0] as const, [0, to] as const] : [[at, to] as const];
    for (const [from, until] of pieces) {
      const meaning = meaningOf(answer, credential, from);
      const last = found.at(-1);
      const codes = code === null ? [] : [code];
      if (last?.answer === answer && last.meaning === meaning)
        found[found.length - 1] = { ...last, to: until, codes: [...new Set([...last.codes, ...codes])] };
      else found.push({ answer, meaning, from, to: until, codes });
    }
  });
  return found;
}

function meaningOf(answer: Answer, credential: CurveTrack['credential'], from: number): CurveSegment['meaning'] {
  if (answer === 'unknown') return 'unknown';
  if (from < 0) return 'before';
  return (answer === 'accepted') === (credential === 'new') ? 'good' : 'bad';
}

/** The part of the plan that has something to see: what comes after the last change is the same to the end. */
export function curveWindow(plan: CurvePlan): { readonly from: number; readonly to: number } {
  const last = Math.max(
    100,
    ...plan.tracks.map(({ changes }) => changes.at(-1)?.at ?? 0),
    ...plan.consumers.flatMap(({ outages }) => outages.map(({ from, to }) => to ?? from)),
    ...plan.phases.map(({ to }) => to),
  );
  const to = Math.max(1, Math.min(Math.max(plan.to, 1), last * 1.3));
  return { from: Math.min(0, Math.max(plan.from, -to * 0.25)), to };
}
