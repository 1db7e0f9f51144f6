import { rubric } from './rubric.ts';

interface Asked {
  readonly type: string;
  readonly state: string;
  /** `YYYY-MM-DD`, its last day. */
  readonly waivedUntil: string | null;
  /** UTC ms: when the run ended that found it. */
  readonly at: number;
}

/** Broken, and accepted until a day that is not over, UTC; one that was given for longer than the rubric allows waives nothing. */
export function isWaived({ type, state, waivedUntil, at }: Asked, now: number): boolean {
  if (state !== 'broken' || type !== 'finding' || waivedUntil === null) return false;
  const last = Date.parse(waivedUntil);
  return last + day > now && last - at <= rubric.waivedAtMost * day;
}

const day = 86_400_000;
