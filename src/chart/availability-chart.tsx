import { scaleLinear } from 'd3-scale';
import { area } from 'd3-shape';
import type { VNode } from 'preact';
import { formatAmount } from '../domain/amount.ts';
import { formatDuration } from '../domain/duration.ts';
import { visibleUpTo } from '../domain/inert.ts';
import { Figure, TimeAxis } from './figure.tsx';
import type { CheckLane, Span } from './lanes.ts';
import { Path } from './path.tsx';
import { type Phase, PhaseBands, phaseRows } from './phases.tsx';
import { boxes, hatch, joined, n, seen } from './shapes.ts';
import { chartWidth, timeScale } from './time-scale.ts';

export interface AvailabilityProps {
  /** Of `checkLanes`. */
  readonly lanes: readonly CheckLane[];
  /** The faults and steps that are drawn behind them, in ms since the run's start as the lanes. */
  readonly phases: readonly Phase[];
  /** ms from the run's start to its end, or to now. */
  readonly durationMs: number;
}

const label = 24;
const lane = 40;
const gap = 10;

/** When the steady state held and when it did not, a lane a check, with what was done to the targets behind it. */
export function availabilityChart({ lanes, phases, durationMs }: AvailabilityProps): VNode {
  const from = Math.min(0, ...lanes.flatMap(({ spans }) => spans[0]?.from ?? []));
  const to = Math.max(durationMs, ...lanes.flatMap(({ spans }) => spans.at(-1)?.to ?? []));
  const x = timeScale(from, to);
  const rows = phaseRows(phases, from, to);
  const top = lanes.length * (label + lane + gap);
  const foot = top + rows.height;
  return (
    <Figure
      title="Availability of the steady state"
      description={description(lanes)}
      height={foot + 24}
      legend={[
        ['seg-ok', '', 'answered, with the latency above it'],
        ['seg-bad', '╱', 'failed'],
        ['seg-unknown', '?', 'not asked: not known'],
        ...(rows.list.length > 0 ? [['seg-phase', '', 'a fault or a step'] as const] : []),
      ]}
      table={<Outages lanes={lanes} phases={rows.list} />}
    >
      <PhaseBands rows={rows} x={x} y={top} behind={true} />
      <TimeAxis from={from} to={to} scale={x} y={foot} />
      {lanes.map((one, index) => (
        <Lane key={one.check} of={one} x={x} y={index * (label + lane + gap)} />
      ))}
    </Figure>
  );
}

function Lane({ of, x, y }: { readonly of: CheckLane; readonly x: (ms: number) => number; readonly y: number }): VNode {
  const top = y + label;
  const boxesOf = (state: Span['state']) => {
    const own = of.spans.filter((span) => span.state === state);
    const [y0, height] = state === 'ok' ? [top + lane - 4, 4] : [top, lane];
    return joined(own.map(({ from, to }) => seen(x(from), x(to), y0, height, chartWidth)));
  };
  const failed = boxesOf('failed');
  return (
    <g>
      <text class="chart-label" x={0} y={n(y + 17)}>
        {visibleUpTo(of.check, 50)}
        <tspan class="chart-note"> {summary(of)}</tspan>
      </text>
      <Path class="seg-unknown" d={boxes(boxesOf('unknown'))} />
      <Path class="seg-ok" d={boxes(boxesOf('ok'))} />
      <Path class="chart-latency" d={latency(of.latency, x, top)} />
      <Path class="seg-bad" d={boxes(failed)} />
      <Path class="seg-stroke" d={hatch(failed)} />
    </g>
  );
}

/** The least and the most of every pixel, as a band: what is thinned hides no peak. */
function latency(columns: CheckLane['latency'], x: (ms: number) => number, top: number): string {
  const y = scaleLinear([0, Math.max(1, ...columns.map(([, , most]) => most))], [top + lane - 4, top + 4]);
  const band = area<CheckLane['latency'][number]>()
    .x(([at]) => x(at))
    .y0(([, least]) => y(least) + 0.8)
    .y1(([, , most]) => y(most));
  return band.digits(1)(columns) ?? '';
}

function summary({ samples, failed, spans, latency }: CheckLane): string {
  const slowest = latency.length === 0 ? '' : `, slowest ${formatDuration(Math.max(...latency.map(([, , most]) => most)))}`;
  if (failed === 0) return `all of ${samples} held${slowest}`;
  const longest = spans.reduce((most, { state, from, to }) => (state === 'failed' ? Math.max(most, to - from) : most), 0);
  return `${formatAmount((samples - failed) / samples, 'ratio')} of ${samples} held, longest outage ${formatDuration(longest)}${slowest}`;
}

function description(lanes: readonly CheckLane[]): string {
  if (lanes.length === 0) return 'Nothing was sampled.';
  return lanes.map((one) => `${visibleUpTo(one.check, 50)}: ${summary(one)}.`).join(' ');
}

/** A longer list is in the artifact. */
const mostOutages = 100;

function Outages({ lanes, phases }: { readonly lanes: readonly CheckLane[]; readonly phases: readonly Phase[] }): VNode {
  const rows = lanes.flatMap(({ check, spans }) => spans.filter(({ state }) => state !== 'ok').map((span) => ({ check, ...span })));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">State</th>
          <th scope="col">From</th>
          <th scope="col">To</th>
        </tr>
      </thead>
      <tbody>
        {lanes.map((one) => (
          <Row key={one.check} cells={[one.check, summary(one)]} from={one.spans[0]?.from ?? 0} to={one.spans.at(-1)?.to ?? 0} />
        ))}
        {rows.slice(0, mostOutages).map(({ check, state, from, to, error }, index) => (
          <Row
            key={index}
            cells={[
              check,
              `${state === 'failed' ? 'failed' : 'not asked'} for ${formatDuration(to - from)}${error === null ? '' : `: ${error}`}`,
            ]}
            from={from}
            to={to}
          />
        ))}
        {rows.length > mostOutages && (
          <tr>
            <td colSpan={4}>and {rows.length - mostOutages} more</td>
          </tr>
        )}
        {phases.map(({ name, from, to }, index) => (
          <Row key={index} cells={[name, 'fault or step']} from={from} to={to} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { readonly cells: readonly [what: string, state: string]; readonly from: number; readonly to: number | null }): VNode {
  const { cells, from, to } = props;
  return (
    <tr>
      <th scope="row">{visibleUpTo(cells[0], 120)}</th>
      <td>{visibleUpTo(cells[1], 300)}</td>
      <td>{formatDuration(from)}</td>
      <td>{to === null ? 'not ended' : formatDuration(to)}</td>
    </tr>
  );
}
