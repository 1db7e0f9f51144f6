import type { VNode } from 'preact';
import { formatDuration } from '../domain/duration.ts';
import { visibleUpTo } from '../domain/inert.ts';
import { n, seen } from './shapes.ts';
import { chartWidth } from './time-scale.ts';

/** What was done, and from when to when, in ms on the chart's clock. `to` null: it goes on. */
export interface Phase {
  readonly name: string;
  readonly from: number;
  readonly to: number | null;
}

export interface PhaseRows {
  readonly list: readonly Phase[];
  /** How many were left out, as there were too many to draw. */
  readonly more: number;
  readonly end: number;
  readonly height: number;
}

const row = 24;
const most = 24;

/** In the order in which they began, a row each below the lanes. */
export function phaseRows(phases: readonly Phase[], from: number, to: number): PhaseRows {
  const sorted = phases
    .filter((phase) => Number.isFinite(phase.from) && phase.from <= to && (phase.to ?? to) >= from)
    .toSorted((a, b) => a.from - b.from);
  const list = sorted.slice(0, most);
  const more = sorted.length - list.length;
  return { list, more, end: to, height: (list.length + (more > 0 ? 1 : 0)) * row + (list.length > 0 ? 6 : 0) };
}

interface BandProps {
  readonly rows: PhaseRows;
  readonly x: (ms: number) => number;
  /** Where the lanes end and the rows begin. */
  readonly y: number;
  /** Drawn behind the lanes too. Not where they follow one another, and all of it would be. */
  readonly behind: boolean;
}

/** Each as a bar with its name below the lanes, and as a faint band behind them. */
export function PhaseBands({ rows: { list, more, end }, x, y, behind }: BandProps): VNode {
  return (
    <g class="chart-phases">
      {list.map((phase, index) => {
        const { name, from, to } = phase;
        const band = seen(x(from), x(to ?? end), 0, y, chartWidth);
        const top = y + 6 + index * row;
        const late = band.x > chartWidth * 0.6;
        return (
          <g key={`${index} ${name}`}>
            <title>{`${visibleUpTo(name, 120)}: ${formatDuration(from)} to ${to === null ? 'now' : formatDuration(to)}`}</title>
            {behind && <rect class="chart-band" x={n(band.x)} y={0} width={n(band.width)} height={n(y)} />}
            <rect class="seg-phase" x={n(band.x)} y={n(top + 18)} width={n(band.width)} height={4} />
            <text class="chart-note" x={n(late ? band.x + band.width : band.x)} y={n(top + 14)} text-anchor={late ? 'end' : 'start'}>
              {visibleUpTo(name, 60)}
            </text>
          </g>
        );
      })}
      {more > 0 && (
        <text class="chart-note" x={0} y={n(y + 6 + list.length * row + 14)}>
          and {more} more
        </text>
      )}
    </g>
  );
}
