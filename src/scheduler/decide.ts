import type { Schedule } from '../domain/drill.ts';

/** A slot whose time has come and of which nothing is decided, or whose claimer died before its run began. */
export interface Occasion {
  readonly instant: number;
  /** With the jitter. */
  readonly due: number;
  readonly orphan: boolean;
}

export interface Verdict {
  readonly occasion: Occasion;
  readonly state: 'claimed' | 'missed' | 'overlap' | 'outside-window';
  readonly note: string | null;
}

/** What stands against starting the drill now; null when nothing does. */
export type Obstacle = null | { readonly state: 'overlap' | 'outside-window'; readonly note: string };

export interface Situation {
  readonly now: number;
  readonly missed: Schedule['missed'];
  /** A slot that is late by no more than this is not missed: the process was busy, not away. */
  readonly graceMs: number;
  /** An earlier slot of the drill is claimed and still waits. */
  readonly waiting: boolean;
  readonly obstacle: () => Obstacle;
}

/** Decides over slots of one drill, oldest first. Pure but for asking what stands in the way. */
export function decide(occasions: readonly Occasion[], situation: Situation): Verdict[] {
  const { now, missed, graceMs } = situation;
  const isLate = ({ due, orphan }: Occasion) => (orphan ? due <= now : due + graceMs < now);
  const late = occasions.filter(isLate);
  // One run answers for all that was missed; when one is due on time anyway, it is that one.
  const candidates =
    late.length < occasions.length ? occasions.filter((occasion) => !isLate(occasion)) : missed === 'run-once' ? late.slice(-1) : [];
  let { waiting } = situation;
  return occasions.map((occasion): Verdict => {
    if (!candidates.includes(occasion)) return { occasion, state: 'missed', note: missedNote(occasion, situation) };
    if (waiting) return { occasion, state: 'overlap', note: 'the slot before it still waits to start' };
    // With jitter left to wait, what stands in the way is asked when it is due.
    const obstacle = occasion.due > now ? null : situation.obstacle();
    if (obstacle !== null) return { occasion, ...obstacle };
    waiting = true;
    return { occasion, state: 'claimed', note: isLate(occasion) ? missedNote(occasion, situation) : null };
  });
}

function missedNote({ due, orphan }: Occasion, { now }: Situation): string {
  const late = `${Math.round((now - due) / 1000)} s late`;
  return orphan ? `its process ended before the run began, ${late}` : `nobody was there to run it, ${late}`;
}
