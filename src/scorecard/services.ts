import { instant } from '../domain/clock.ts';
import { countsOf } from './counts.ts';
import { gradeOf, rankOf } from './grade.ts';
import { groupedBy } from './grouped-by.ts';
import type { ScorecardItem } from './items.ts';
import type { CapRule, RubricArea } from './rubric.ts';
import type { Letter, ServiceScore } from './scorecard.ts';
import { overall, sumAreas } from './sums.ts';

/** What a service answers for: what nobody practised on it, or long ago, is the drills' concern and in its numbers, not in its caps. */
const rules: readonly CapRule[] = ['door-to-the-host', 'area-at-zero', 'critical-broken'];

/** The same arithmetic, restricted to what was asked of one service; the worst first. @param young the items, unaged */
export function serviceScores(
  items: readonly ScorecardItem[],
  young: readonly ScorecardItem[],
  areas: readonly RubricArea[],
): readonly ServiceScore[] {
  const youngOf = young === items ? null : byService(young);
  return [...byService(items)]
    .map(([service, own]) => serviceScore(service, own, youngOf?.get(service) ?? own, areas))
    .toSorted(worstFirst);
}

function byService(items: readonly ScorecardItem[]): ReadonlyMap<string, readonly ScorecardItem[]> {
  const groups = groupedBy(items, ({ service }) => service);
  groups.delete(null);
  return groups as Map<string, ScorecardItem[]>;
}

function serviceScore(
  service: string,
  items: readonly ScorecardItem[],
  young: readonly ScorecardItem[],
  areas: readonly RubricArea[],
): ServiceScore {
  const { sums, proven, coverage, grade } = graded(items, areas);
  return {
    service,
    grade: grade.text,
    unaged: young.every((item, i) => item === items[i]) ? grade.letter : graded(young, areas).grade.letter,
    proven,
    coverage,
    caps: grade.caps,
    counts: countsOf(items),
    areas: sums
      .filter((sum) => sum.items.length > 0)
      .map((sum) => ({
        area: sum.area.area,
        proven: sum.proven,
        coverage: sum.coverage,
        lastPractised: instant(sum.items.reduce((last, { at }) => Math.max(last, at), Number.NEGATIVE_INFINITY)),
        counts: countsOf(sum.items),
      })),
  };
}

function graded(items: readonly ScorecardItem[], areas: readonly RubricArea[]) {
  const sums = sumAreas(areas, items, { lacking: false });
  // an area all of whose items are waived says nothing of the service
  const practised = sums.filter(({ counted }) => counted.length > 0);
  const proven = overall(practised, 'proven');
  const coverage = overall(sums, 'coverage');
  const waived = sums.filter(({ counted, items: all }) => counted.length === 0 && all.length > 0);
  const grade = gradeOf({ proven, coverage, sums: practised, waived: waived.length > 0 }, rules);
  return { sums, proven, coverage, grade };
}

function worstFirst(a: ServiceScore, b: ServiceScore): number {
  const letter = ({ grade }: ServiceScore) => rankOf(grade.replace('*', '') as Letter);
  return letter(b) - letter(a) || a.proven - b.proven || (a.service < b.service ? -1 : 1);
}
