import type { TrendPoint, TrendProps } from '../../chart/trend-chart.tsx';
import type { Drill } from '../../domain/drill.ts';
import type { ObjectiveBound } from '../../domain/words.ts';
import type { DailyValues } from '../../store/daily.ts';
import type { ServerDeps } from '../deps.ts';

/** As the page says. */
const trendDays = 90;

const dayMs = 86_400_000;

/** Each objective of a drill with the worst value of each day that measured it; from the daily roll-ups, so it costs the same after any number of runs. */
export function trendsOf(
  { name, objectives }: Pick<Drill, 'name' | 'objectives'>,
  store: Pick<ServerDeps['store'], 'daily'>,
  now: number,
): TrendProps[] {
  const days = store.daily.values({ drill: name }, now - trendDays * dayMs, now);
  return Object.entries(objectives ?? {}).flatMap(([item, objective]) => {
    const own = days.filter((day) => day.name === item);
    const [first] = own;
    return first === undefined ? [] : [{ name: item, unit: first.unit, objective, points: worstByDay(own, objective) }];
  });
}

function worstByDay(days: readonly DailyValues[], objective: ObjectiveBound): TrendPoint[] {
  const higher = 'min' in objective;
  const worst = new Map<string, TrendPoint>();
  for (const { day, least, most, missed, judged } of days) {
    const known = worst.get(day);
    const values = [higher ? least : most, ...(known === undefined ? [] : [known.value])];
    worst.set(day, {
      at: Date.parse(day),
      value: higher ? Math.min(...values) : Math.max(...values),
      // as it was judged then, whatever the objective is now; what nobody judged was neither met nor missed
      met: missed > 0 || known?.met === false ? false : judged > 0 || known?.met === true ? true : null,
    });
  }
  return [...worst.values()];
}
