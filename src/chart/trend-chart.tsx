import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { VNode } from 'preact';
import { formatAmount } from '../domain/amount.ts';
import { visibleUpTo } from '../domain/inert.ts';
import type { ObjectiveBound, Unit } from '../domain/words.ts';
import { Figure } from './figure.tsx';
import { Path } from './path.tsx';
import { n } from './shapes.ts';
import { chartWidth, timeScale } from './time-scale.ts';

export interface TrendPoint {
  /** UTC ms: of the run, or of its day. */
  readonly at: number;
  readonly value: number;
  /** Null where no objective was stated, or nobody could judge. */
  readonly met: boolean | null;
}

export interface TrendProps {
  readonly name: string;
  readonly unit: Unit;
  readonly objective: ObjectiveBound | null;
  /** In any order. */
  readonly points: readonly TrendPoint[];
}

const height = 150;
const top = 24;

/** A measured value over time against its objective; the best is marked, and what missed has another shape. */
export function trendChart({ name, unit, objective, points: all }: TrendProps): VNode {
  const points = all.filter(({ at, value }) => Number.isFinite(at) && Number.isFinite(value)).toSorted((a, b) => a.at - b.at);
  const drawn = thinned(points);
  const best = bestOf(points, objective);
  const bound = objective === null ? null : 'max' in objective ? objective.max : objective.min;
  const x = timeScale(points[0]?.at ?? 0, points.at(-1)?.at ?? 1).range([8, chartWidth - 8]);
  const values = [...drawn.map(({ value }) => value), ...(bound === null ? [] : [bound])];
  const most = Math.max(0, ...values);
  // of shares that are nearly all, the rest is what one looks at
  const least = unit === 'ratio' ? Math.min(...values, 1) : Math.min(0, ...values);
  const y = scaleLinear([least, most > least ? most : least + 1], [height, top]);
  const missed = drawn.filter(({ met }) => met === false);
  const unjudged = drawn.filter(({ met }) => objective !== null && met === null);
  const boundText = objective === null ? '' : `${'max' in objective ? '≤' : '≥'} ${formatAmount(bound ?? 0, unit)}`;
  return (
    <Figure
      title={visibleUpTo(name, 120)}
      description={description({ points, best, unit, boundText })}
      height={height + 28}
      legend={[
        ['trend-dot', '●', objective === null ? 'no objective' : 'met'],
        ['trend-miss', '✕', 'missed'],
        ['trend-unjudged', '◇', 'not judged'],
        ['trend-best', '◯', 'best'],
      ]}
      table={<Values points={points} unit={unit} best={best} stated={objective !== null} />}
    >
      <Foot points={points} />
      {bound !== null && (
        <g class="trend-objective">
          <line x1={0} x2={chartWidth} y1={n(y(bound))} y2={n(y(bound))} />
          <text x={chartWidth} y={n(y(bound) - 5)} text-anchor="end">
            {boundText}
          </text>
        </g>
      )}
      <Path
        class="trend-line"
        d={
          line<TrendPoint>(
            ({ at }) => x(at),
            ({ value }) => y(value),
          ).digits(1)(drawn) ?? ''
        }
      />
      {drawn.length <= 120 &&
        drawn
          .filter(({ met }) => met === true || objective === null)
          .map((one, index) => <circle key={index} class="trend-dot" cx={n(x(one.at))} cy={n(y(one.value))} r={3} />)}
      <Path class="trend-miss" d={missed.map((one) => cross(n(x(one.at)), n(y(one.value)))).join('')} />
      <Path class="trend-unjudged" d={unjudged.map((one) => diamond(n(x(one.at)), n(y(one.value)))).join('')} />
      {best !== null && (
        <g class="trend-best">
          <circle cx={n(x(best.at))} cy={n(y(best.value))} r={6} />
          <text x={n(Math.min(x(best.at), chartWidth - 90))} y={12} text-anchor={anchor(x(best.at))}>
            best {formatAmount(best.value, unit)}, {day(best.at)}
          </text>
        </g>
      )}
    </Figure>
  );
}

/** From when to when; and where nothing, or the least of a share, is. */
function Foot({ points }: { readonly points: readonly TrendPoint[] }): VNode {
  const [first, last] = [points[0], points.at(-1)];
  return (
    <g class="chart-axis">
      <line x1={0} x2={chartWidth} y1={height} y2={height} />
      {first !== undefined && (
        <text x={0} y={height + 18}>
          {day(first.at)}
        </text>
      )}
      {first !== undefined && last !== undefined && day(last.at) !== day(first.at) && (
        <text x={chartWidth} y={height + 18} text-anchor="end">
          {day(last.at)}
        </text>
      )}
    </g>
  );
}

/** The least and the most of every second pixel: against a bound, the worst of a column is among them. */
function thinned(points: readonly TrendPoint[]): readonly TrendPoint[] {
  if (points.length <= chartWidth) return points;
  const from = points[0]?.at ?? 0;
  const wide = ((points.at(-1)?.at ?? 1) - from) / (chartWidth / 2) || 1;
  const columns = new Map<number, { least: TrendPoint; most: TrendPoint }>();
  for (const point of points) {
    const key = Math.floor((point.at - from) / wide);
    const column = columns.get(key);
    if (column === undefined) columns.set(key, { least: point, most: point });
    else if (point.value < column.least.value) column.least = point;
    else if (point.value > column.most.value) column.most = point;
  }
  return [...columns.values()].flatMap(({ least, most }) =>
    least === most ? [least] : least.at < most.at ? [least, most] : [most, least],
  );
}

/** Newest first; older ones are counted. */
const mostValues = 60;

function bestOf(points: readonly TrendPoint[], objective: ObjectiveBound | null): TrendPoint | null {
  const higher = objective !== null && 'min' in objective;
  return points.reduce<TrendPoint | null>(
    (best, one) => (best === null || (higher ? one.value > best.value : one.value < best.value) ? one : best),
    null,
  );
}

function cross(x: number, y: number): string {
  return `M${x - 4} ${y - 4}l8 8m0 -8l-8 8`;
}

function diamond(x: number, y: number): string {
  return `M${x} ${y - 4}l4 4l-4 4l-4 -4z`;
}

function anchor(x: number): 'start' | 'middle' | 'end' {
  return x < 80 ? 'start' : x > chartWidth - 80 ? 'end' : 'middle';
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function description(props: {
  readonly points: readonly TrendPoint[];
  readonly best: TrendPoint | null;
  readonly unit: Unit;
  readonly boundText: string;
}): string {
  const { points, best, unit, boundText } = props;
  const last = points.at(-1);
  if (last === undefined || best === null) return 'Never measured.';
  const missed = points.filter(({ met }) => met === false).length;
  const unjudged = points.filter(({ met }) => met === null).length;
  const against =
    boundText === ''
      ? 'without an objective'
      : `against ${boundText}, which ${missed} missed${unjudged === 0 ? '' : `; ${unjudged} not judged`}`;
  return `${points.length} values ${against}. Last ${formatAmount(last.value, unit)} on ${day(last.at)}, best ${formatAmount(best.value, unit)} on ${day(best.at)}.`;
}

function Values({
  points,
  unit,
  best,
  stated,
}: {
  readonly points: readonly TrendPoint[];
  readonly unit: Unit;
  readonly best: TrendPoint | null;
  /** That there is an objective. */
  readonly stated: boolean;
}): VNode {
  const shown = points.slice(-mostValues).toReversed();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Value</th>
          <th scope="col">Objective</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((one, index) => (
          <tr key={index}>
            <th scope="row">{new Date(one.at).toISOString().slice(0, 16).replace('T', ' ')}Z</th>
            <td>
              {formatAmount(one.value, unit)}
              {one === best ? ' (best)' : ''}
            </td>
            <td>{one.met === null ? (stated ? '◇ not judged' : 'none') : one.met ? '✓ met' : '✕ missed'}</td>
          </tr>
        ))}
        {points.length > shown.length && (
          <tr>
            <td colSpan={3}>and {points.length - shown.length} older</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
