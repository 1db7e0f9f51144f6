import { instant } from '../domain/clock.ts';
import { changesOf } from './changes.ts';
import { countsOf } from './counts.ts';
import { gradeOf } from './grade.ts';
import { areasOf, itemsOf, type ScorecardItem, unaged } from './items.ts';
import { type CapRule, type RubricArea, rubric } from './rubric.ts';
import type { AreaScore, Scorecard, ScorecardInput, Waiver } from './scorecard.ts';
import { serviceScores } from './services.ts';
import { type AreaSum, overall, sumAreas } from './sums.ts';

/** Arithmetic only: the same input gives the same card, wherever and in whatever order. */
export function scorecardOf(input: ScorecardInput): Scorecard {
  return scorecardWithItems(input).card;
}

/** The card, and the items that it was computed from: what somebody needs to recompute it. */
export function scorecardWithItems(input: ScorecardInput): { readonly card: Scorecard; readonly items: readonly ScorecardItem[] } {
  const items = itemsOf(input);
  return { card: cardOf(items, input), items };
}

/** @param items of the same input */
export function cardOf(items: readonly ScorecardItem[], { at, since, kinds }: Pick<ScorecardInput, 'at' | 'since' | 'kinds'>): Scorecard {
  const areas = areasOf(kinds);
  const { sums, proven, coverage, grade } = graded(items, areas);
  const young = unaged(items);
  return {
    rubric: rubric.id,
    at: instant(at),
    grade: grade.text,
    unaged: young === items ? grade.letter : graded(young, areas).grade.letter,
    proven,
    coverage,
    caps: grade.caps,
    areas: sums.map(areaScore),
    services: serviceScores(items, young, areas),
    changes: changesOf(items, { at, since }),
    since: instant(since),
    waivers: items.filter(({ waived }) => waived).map(waiverOf),
    lacking: rubric.areas.flatMap((area) => area.kinds.filter((kind) => !kinds.includes(kind))),
  };
}

const everyRule: readonly CapRule[] = rubric.caps.map(({ rule }) => rule);
/** An area is not capped by what other areas lack; it is 0 all the same when it is. */
const areaRules: readonly CapRule[] = ['door-to-the-host', 'critical-broken', 'kind-without-proof'];

function graded(items: readonly ScorecardItem[], areas: readonly RubricArea[]) {
  const sums = sumAreas(areas, items, { lacking: true });
  const proven = overall(sums, 'proven');
  const coverage = overall(sums, 'coverage');
  return { sums, proven, coverage, grade: gradeOf({ proven, coverage, sums, waived: false }, everyRule) };
}

function areaScore(sum: AreaSum): AreaScore {
  const { area, items, proven, coverage } = sum;
  return {
    area: area.area,
    kinds: area.kinds,
    weight: area.weight,
    proven,
    coverage,
    grade: gradeOf({ proven, coverage, sums: [sum], waived: false }, areaRules).text,
    lastPractised: items.length === 0 ? null : instant(items.reduce((last, { at }) => Math.max(last, at), 0)),
    counts: countsOf(items),
  };
}

function waiverOf({ area, drill, service, item, title, severity, waivedUntil }: ScorecardItem): Waiver {
  return { area, drill, service, item, title, severity, until: waivedUntil ?? '' };
}
