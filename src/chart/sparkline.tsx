/** A line of a few values, small enough for a cell. What it shows is told in words besides: by `label` here, and by the figures around it. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

export interface SparklineProps {
  /** Oldest first. */
  readonly values: readonly number[];
  /** All that is to be known of it, for those who do not see it. */
  readonly label: string;
  /** Drawn across: what the values may be. */
  readonly bound?: number | null;
  /** Px; default 64 × 16. */
  readonly width?: number;
  readonly height?: number;
}

/** Keeps the line's ends, and the last value's dot, inside. */
const margin = 2.5;

export function Sparkline({ values, label, bound = null, width = 64, height = 16 }: SparklineProps) {
  const last = values.at(-1);
  if (last === undefined) return null;
  const all = bound === null ? values : [...values, bound];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const x = scaleLinear([0, Math.max(1, values.length - 1)], [margin, width - margin]);
  // All the same: in the middle, not at the bottom.
  const y = least === most ? () => height / 2 : scaleLinear([least, most], [height - margin, margin]);
  const path = line<number>((_value, i) => x(i), y).digits(1);
  const across = bound === null ? null : Math.round(y(bound) * 10) / 10;
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={label}>
      {across !== null && <line class="bound" x1={0} x2={width} y1={across} y2={across} />}
      <path d={path(values) ?? ''} />
      <circle cx={round(x(values.length - 1))} cy={round(y(last))} r={2} />
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
