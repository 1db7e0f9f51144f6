import { groupedBy } from './grouped-by.ts';
import type { ScorecardItem } from './items.ts';
import { rounded } from './rounded.ts';
import { type RubricArea, rubric } from './rubric.ts';

export interface AreaSum {
  readonly area: RubricArea;
  /** All of its items, the waived ones too. */
  readonly items: readonly ScorecardItem[];
  /** Its items that count: those that are not waived. */
  readonly counted: readonly ScorecardItem[];
  readonly proven: number;
  readonly coverage: number;
}

/**
 * Proven is Σ w·s·f / Σ w over the items that count, coverage Σ w·c / Σ w. What a kind lacks counts too, as an item of which nothing is
 * proven: in Proven for a kind of which nothing was ever found to hold, so that a first broken finding never lifts an area; in the
 * coverage for one that was never practised.
 *
 * @param lacking whether what a kind lacks counts in Proven
 */
export function sumAreas(
  areas: readonly RubricArea[],
  all: readonly ScorecardItem[],
  { lacking }: { readonly lacking: boolean },
): readonly AreaSum[] {
  const byArea = groupedBy(all, ({ area }) => area);
  return areas.map((area) => sumArea(area, byArea.get(area.area) ?? [], lacking));
}

function sumArea(area: RubricArea, items: readonly ScorecardItem[], lacking: boolean): AreaSum {
  const counted = items.some(({ waived }) => waived) ? items.filter(({ waived }) => !waived) : items;
  const unproven = area.kinds.filter((kind) => !counted.some((item) => item.kind === kind && item.s > 0)).length;
  const unpractised = area.kinds.filter((kind) => !items.some((item) => item.kind === kind)).length;
  let weight = 0;
  let proven = 0;
  let covered = 0;
  for (const { weight: w, s, f, c } of counted) {
    weight += w;
    proven += w * s * f;
    covered += w * c;
  }
  return {
    area,
    items,
    counted,
    proven: share(proven, weight + (lacking ? rubric.unproven * unproven : 0)),
    coverage: share(covered, weight + rubric.unproven * unpractised),
  };
}

/** The mean of the areas by their weights; 0 without any. */
export function overall(sums: readonly AreaSum[], what: 'proven' | 'coverage'): number {
  return share(sum(sums.map((one) => one.area.weight * one[what])), sum(sums.map(({ area }) => area.weight)));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : rounded(part / whole);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
