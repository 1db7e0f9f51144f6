/** A container as the targets' pages show it. */
import type { Hold } from '../domain/evidence.ts';
import type { TargetView } from '../runner/targets/target-view.ts';

export interface TargetRow {
  readonly view: TargetView;
  /** Since it was created. */
  readonly ageMs: number;
  /** Of its limit, the part that is used up; from 1 on it is over age. Null without a limit that its age can be held against. */
  readonly used: number | null;
  /** While it is held frozen. */
  readonly hold: Hold | null;
  /** The newest run that worked on it, or, failing that, on its service. */
  readonly last: LastDrill | null;
}

export interface LastDrill {
  readonly runId: string;
  /** Null for a freeze on demand. */
  readonly drill: string | null;
  readonly kind: string;
  /** When it ended, UTC ms. */
  readonly at: number;
  readonly on: 'container' | 'service';
}

export const targetGroups = ['frozen', 'over-age', 'not-opted-in', 'opted-in'] as const;
export type TargetGroup = (typeof targetGroups)[number];

/** The first that is true of it; what matters most comes first. */
export function groupOf({ hold, used, view }: Pick<TargetRow, 'hold' | 'used' | 'view'>): TargetGroup {
  if (hold !== null) return 'frozen';
  if (used !== null && used >= 1) return 'over-age';
  return view.leftOut === null ? 'opted-in' : 'not-opted-in';
}

export function isReplicaOf(one: TargetView, other: TargetView): boolean {
  return (
    one.id !== other.id &&
    one.service !== null &&
    one.engine === other.engine &&
    one.project === other.project &&
    one.service === other.service
  );
}
