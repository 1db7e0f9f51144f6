import type { Hold } from '../../domain/evidence.ts';
import type { TargetView } from '../../runner/targets/target-view.ts';
import { groupOf, type LastDrill, type TargetGroup, type TargetRow, targetGroups } from '../../web/target-row.ts';

export interface RowsInput {
  readonly views: readonly TargetView[];
  /** Those that go on. */
  readonly holds: readonly Hold[];
  readonly lastOf: (view: TargetView) => LastDrill | null;
  /** UTC ms. */
  readonly now: number;
}

/** What matters first: frozen, over age, not opted in, and the rest; each by name. */
export function targetRows({ views, holds, lastOf, now }: RowsInput): TargetRow[] {
  const held = new Map(holds.map((hold) => [hold.containerId, hold]));
  const rows = views.map((view): TargetRow => {
    const ageMs = Math.max(0, now - view.createdAt);
    const used = view.limit?.of === 'container' ? ageMs / view.limit.ms : null;
    return { view, ageMs, used, hold: held.get(view.id) ?? null, last: lastOf(view) };
  });
  const ranked = rows.map((row) => ({ row, rank: targetGroups.indexOf(groupOf(row)) }));
  ranked.sort((a, b) => a.rank - b.rank || compare(a.row.view.name, b.row.view.name) || compare(a.row.view.engine, b.row.view.engine));
  return ranked.map(({ row }) => row);
}

/** How many there are of each. */
export function countGroups(rows: readonly TargetRow[]): Readonly<Record<TargetGroup, number>> {
  const counts = { frozen: 0, 'over-age': 0, 'not-opted-in': 0, 'opted-in': 0 };
  for (const row of rows) counts[groupOf(row)]++;
  return counts;
}

/** Every word must be somewhere in its name, service, project, image, engine, or at the beginning of its id; upper and lower case are the same. */
export function search(rows: readonly TargetRow[], text: string): readonly TargetRow[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return rows;
  return rows.filter(({ view }) => {
    const searched = [view.name, view.service, view.project, view.image, view.engine].map((part) => part?.toLowerCase() ?? '');
    return words.every((word) => view.id.startsWith(word) || searched.some((part) => part.includes(word)));
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
