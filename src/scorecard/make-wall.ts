import { countsOf, standing } from './counts.ts';
import { groupedBy } from './grouped-by.ts';
import { areasOf, type ScorecardItem } from './items.ts';
import type { RubricArea } from './rubric.ts';
import type { Freshness, Wall, WallCell, WallFinding, WallObjective, WallRow } from './wall.ts';

/** @param items of proof at `at`, UTC ms, with these kinds of drill */
export function makeWall(items: readonly ScorecardItem[], { at, kinds }: { readonly at: number; readonly kinds: readonly string[] }): Wall {
  const areas = areasOf(kinds);
  const rows = groupedBy(items, ({ service }) => service);
  return {
    areas: areas.map((one) => ({ area: one.area, kinds: one.kinds })),
    rows: [...rows]
      .map(([service, own]) => ({ service, own, trouble: troubleOf(own) }))
      .toSorted((a, b) => Number(a.service === null) - Number(b.service === null) || b.trouble - a.trouble || byName(a, b))
      .map(({ service, own }) => rowOf(service, own, areas, at)),
  };
}

function byName(a: { readonly service: string | null }, b: { readonly service: string | null }): number {
  return (a.service ?? '') < (b.service ?? '') ? -1 : 1;
}

/** What is broken weighs more than anything that is only not known. */
function troubleOf(items: readonly ScorecardItem[]): number {
  const worth = { broken: 1_000_000, inconclusive: 1_000, expired: 1, waived: 0, holds: 0 } as const;
  return items.reduce((sum, item) => sum + item.weight * worth[standing(item)], 0);
}

function rowOf(service: string | null, items: readonly ScorecardItem[], areas: readonly RubricArea[], at: number): WallRow {
  const byArea = groupedBy(items, ({ area }) => area);
  return {
    service,
    cells: areas.map(({ area }) => {
      const own = byArea.get(area);
      return own === undefined ? null : cellOf(area, own, at);
    }),
  };
}

function cellOf(area: string, items: readonly ScorecardItem[], at: number): WallCell {
  const last = items.reduce((newest, item) => (item.at > newest.at ? item : newest));
  const counts = countsOf(items);
  const state = counts.broken > 0 ? 'broken' : counts.inconclusive > 0 ? 'inconclusive' : counts.waived > 0 ? 'waived' : 'holds';
  return {
    area,
    state,
    freshness: freshnessOf(items, last),
    runId: last.runId,
    at: last.at,
    days: Math.max(0, Math.floor((at - last.at) / day)),
    counts,
    worst: state === 'broken' || state === 'inconclusive' ? worstOf(items, state) : null,
    objective: objectiveOf(items),
  };
}

function freshnessOf(items: readonly ScorecardItem[], last: ScorecardItem): Freshness {
  const held = items.filter(({ state }) => state === 'holds');
  const least = Math.min(...(held.length === 0 ? [last] : held).map(({ f }) => f));
  return least === 1 ? 'fresh' : least > 0 ? 'ageing' : 'expired';
}

function worstOf(items: readonly ScorecardItem[], of: WallCell['state']): WallFinding | null {
  const bad = items.filter(({ waived, state, type }) => !waived && state === of && type === 'finding');
  const [worst] = bad.toSorted((a, b) => b.weight - a.weight);
  if (worst === undefined) return null;
  const { item, title, severity, state, runId } = worst;
  return { item, title, severity, state, runId };
}

function objectiveOf(items: readonly ScorecardItem[]): WallObjective | null {
  const objectives = items.filter(({ type, recent, unit }) => type === 'objective' && recent.length > 0 && unit !== null);
  const rank = ({ state, unit, s }: ScorecardItem) => (state === 'broken' ? 4 : 0) + (unit === 'ms' ? 2 : 0) + (1 - s);
  const [shown] = objectives.toSorted((a, b) => rank(b) - rank(a));
  const last = shown?.recent.at(-1);
  if (shown === undefined || last === undefined || shown.unit === null) return null;
  return {
    name: shown.item,
    unit: shown.unit,
    bound: shown.objective,
    last: last.value,
    met: last.met,
    best: shown.best ?? last.value,
    recent: shown.recent.map(({ at, value, met, runId }) => ({ at, value, met, runId })),
  };
}

const day = 86_400_000;
