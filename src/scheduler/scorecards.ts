import type { Clock } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import { cardOf } from '../scorecard/compute.ts';
import { itemsOf, type ScorecardItem } from '../scorecard/items.ts';
import { makeWall } from '../scorecard/make-wall.ts';
import type { Scorecard, ScorecardInput } from '../scorecard/scorecard.ts';
import type { Wall } from '../scorecard/wall.ts';
import type { ScorecardDay } from '../store/scorecards.ts';
import type { Store } from '../store/store.ts';
import { createCadences } from './cadence.ts';

/**
 * The scorecard of what is stored, by the schedules as they are. Instants are UTC ms; `at`, which is now when left out, counts as the beginning
 * of its minute, so that whoever asks within a minute gets the same, computed once, for as long as nothing else is known.
 */
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
  const version = () => {
    const now = drills();
    if (now !== seen.drills) seen = { drills: now, times: seen.times + 1 };
    return `${store.proofs.version()} ${seen.times}`;
  };
  let last: { readonly of: string; readonly computed: Computed } | null = null;
  const computed = (asked = clock.now()) => {
    const at = minuteOf(asked);
    const of = `${version()} ${at}`;
    if (last?.of !== of) last = { of, computed: compute(at) };
    return last.computed;
  };
  const compute = (at: number) => {
    const since = store.scorecards.before(at)?.at ?? at - week;
    return computedOf({ proofs: store.proofs.all(), at, since, cadences: cadences.of(drills(), at), kinds });
  };
  return {
    version,
    card: (at) => computed(at).card(),
    withItems: (at) => ({ card: computed(at).card(), items: computed(at).items }),
    wall: (at) => computed(at).wall(),
    history: (days) => store.scorecards.history(days, clock.now()),
    keep(card) {
      const kept = dayOf(card);
      const [last] = store.scorecards.history(1, kept.at);
      if (last === undefined || !same(last, kept)) store.scorecards.save(kept);
    },
  };
}

interface Computed {
  readonly items: readonly ScorecardItem[];
  card(): Scorecard;
  wall(): Wall;
}

function computedOf(input: ScorecardInput): Computed {
  const items = itemsOf(input);
  let card: Scorecard | null = null;
  let wall: Wall | null = null;
  return {
    items,
    card() {
      card ??= cardOf(items, input);
      return card;
    },
    wall() {
      wall ??= makeWall(items, input);
      return wall;
    },
  };
}

function minuteOf(ms: number): number {
  return Math.floor(ms / 60_000) * 60_000;
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
