/** Two shares over days: how much was proven, and how much was asked at all. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

export interface HistoryProps {
  /** Oldest first; days without a value are left out, and the line goes on across them. */
  readonly days: readonly HistoryDay[];
}

export interface HistoryDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly proven: number;
  readonly coverage: number;
}

const [width, height] = [720, 180];
const inner = { left: 40, right: width - 80, top: 10, bottom: height - 22 };
const dayMs = 86_400_000;

export function History({ days }: HistoryProps) {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return null;
  const at = ({ day }: HistoryDay) => Date.parse(day) / dayMs;
  const x = scaleLinear([at(first), Math.max(at(last), at(first) + 1)], [inner.left, inner.right]);
  const y = scaleLinear([0, 1], [inner.bottom, inner.top]);
  const path = (of: 'proven' | 'coverage') =>
    line<HistoryDay>(
      (day) => x(at(day)),
      (day) => y(day[of]),
    ).digits(1)(days) ?? '';
  // Two names on one another could not be read.
  const apart = y(last.proven) < y(last.coverage) ? -1 : 1;
  const near = Math.abs(y(last.proven) - y(last.coverage)) < 14 ? 7 * apart : 0;
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Proven and Coverage from ${first.day} to ${last.day}`}>
      {[0, 0.5, 0.8, 1].map((share) => (
        <g>
          <line class="grid" x1={inner.left} x2={inner.right} y1={y(share)} y2={y(share)} />
          <text class="end" x={inner.left - 6} y={y(share) + 4}>
            {share * 100} %
          </text>
        </g>
      ))}
      <path class="line first" d={path('proven')} />
      <path class="line second" d={path('coverage')} />
      <circle class="dot first" cx={x(at(last))} cy={y(last.proven)} r={3} />
      <circle class="dot second" cx={x(at(last))} cy={y(last.coverage)} r={3} />
      <text class="first" x={x(at(last)) + 8} y={y(last.proven) + 4 + near}>
        Proven
      </text>
      <text class="second" x={x(at(last)) + 8} y={y(last.coverage) + 4 - near}>
        Coverage
      </text>
      <text x={inner.left} y={height - 6}>
        {first.day}
      </text>
      {last !== first && (
        <text class="end" x={inner.right} y={height - 6}>
          {last.day}
        </text>
      )}
    </svg>
  );
}
