import type { ComponentChildren, VNode } from 'preact';
import { formatDuration } from '../domain/duration.ts';
import { n } from './shapes.ts';
import { chartWidth, timeTicks } from './time-scale.ts';

export interface FigureProps {
  readonly title: string;
  /** What one sees in it, in a sentence or two: for those who do not. */
  readonly description: string;
  readonly height: number;
  /** Signs and what they mean. */
  readonly legend?: readonly (readonly [className: string, sign: string, meaning: string])[];
  /** The same as a table. */
  readonly table: VNode;
  readonly children: ComponentChildren;
}

/** A chart with its name, its legend and its table. Classes only: it stands under a CSP without inline styles. */
export function Figure({ title, description, height, legend = [], table, children }: FigureProps): VNode {
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <svg role="img" viewBox={`0 0 ${chartWidth} ${n(height)}`} preserveAspectRatio="xMidYMid meet">
        <title>{title}</title>
        <desc>{description}</desc>
        {children}
      </svg>
      {legend.length > 0 && (
        <p class="chart-legend">
          {legend.map(([className, sign, meaning]) => (
            <span key={meaning}>
              <span class={`chart-key ${className}`} aria-hidden="true">
                {sign}
              </span>{' '}
              {meaning}
            </span>
          ))}
        </p>
      )}
      <details class="chart-table">
        <summary>The same as a table</summary>
        <div class="chart-scroll">{table}</div>
      </details>
    </figure>
  );
}

/** Ticks along the foot, with a line up through the chart each. */
export function TimeAxis({
  from,
  to,
  scale,
  y,
}: {
  readonly from: number;
  readonly to: number;
  readonly scale: (ms: number) => number;
  readonly y: number;
}): VNode {
  return (
    <g class="chart-axis">
      {timeTicks(from, to).map((at) => {
        const x = n(scale(at));
        const anchor = x < 24 ? 'start' : x > chartWidth - 24 ? 'end' : 'middle';
        return (
          <g key={at}>
            <line x1={x} x2={x} y1={0} y2={n(y)} />
            <text x={x} y={n(y + 16)} text-anchor={anchor}>
              {formatDuration(at)}
            </text>
          </g>
        );
      })}
    </g>
  );
}
