import type { Clock } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import { scorecardWithItems } from '../scorecard/compute.ts';
import type { ScorecardItem } from '../scorecard/items.ts';
import { makeWall } from '../scorecard/make-wall.ts';
import type { Scorecard, ScorecardInput } from '../scorecard/scorecard.ts';
import type { Wall } from '../scorecard/wall.ts';
import type { ScorecardDay } from '../store/scorecards.ts';
import type { Store } from '../store/store.ts';
import { createCadences } from './cadence.ts';

/** The scorecard of what is stored, by the schedules as they are. Instants are UTC ms; `at` is now when left out. */
export interface Scorecards {
  card(at?: number): Scorecard;
  withItems(at?: number): { readonly card: Scorecard; readonly items: readonly ScorecardItem[] };
  wall(at?: number): Wall;
  /** Of the last so many days, oldest first; days on which none was computed are left out. */
  history(days: number): readonly ScorecardDay[];
  /** Keeps a card as that of its day; writes nothing when that is as it was. */
  keep(card: Scorecard): void;
  /** Another one when a proof or the catalogue has changed; costs microseconds. */
  version(): string;
}

export interface ScorecardDeps {
  readonly store: Pick<Store, 'proofs' | 'scorecards'>;
  /** The catalogue as it is now. */
  readonly drills: () => readonly Pick<Drill, 'name' | 'schedule'>[];
  /** Kinds of drill that this version of Pitwall has. */
  readonly kinds: readonly string[];
  readonly clock: Pick<Clock, 'now'>;
}

const week = 7 * 86_400_000;

export function createScorecards({ store, drills, kinds, clock }: ScorecardDeps): Scorecards {
  const cadences = createCadences();
  let seen = { drills: drills(), times: 0 };
  const input = (at: number): ScorecardInput => ({
    proofs: store.proofs.all(),
    at,
    since: store.scorecards.before(at)?.at ?? at - week,
    cadences: cadences.of(drills(), at),
    kinds,
  });
  const withItems = (at = clock.now()) => scorecardWithItems(input(at));
  return {
    withItems,
    card: (at) => withItems(at).card,
    wall: (at = clock.now()) => makeWall(input(at)),
    history: (days) => store.scorecards.history(days, clock.now()),
    keep(card) {
      const kept = dayOf(card);
      const [last] = store.scorecards.history(1, kept.at);
      if (last === undefined || !same(last, kept)) store.scorecards.save(kept);
    },
    version() {
      const now = drills();
      if (now !== seen.drills) seen = { drills: now, times: seen.times + 1 };
      return `${store.proofs.version()} ${seen.times}`;
    },
  };
}

function dayOf({ at, rubric, grade, proven, coverage, areas }: Scorecard): Omit<ScorecardDay, 'day'> {
  const shares = areas.map((one) => [one.area, { proven: one.proven, coverage: one.coverage }] as const);
  return { at: Date.parse(at), rubric, grade, proven, coverage, areas: Object.fromEntries(shares) };
}

function same({ day: _day, at: _before, ...last }: ScorecardDay, { at: _now, ...now }: Omit<ScorecardDay, 'day'>): boolean {
  return JSON.stringify(ordered(last)) === JSON.stringify(ordered(now));
}

function ordered({ rubric, grade, proven, coverage, areas }: Omit<ScorecardDay, 'day' | 'at'>): unknown {
  return [rubric, grade, proven, coverage, Object.entries(areas).toSorted(([a], [b]) => (a < b ? -1 : 1))];
}
