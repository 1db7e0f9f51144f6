import type { VNode } from 'preact';
import type { CurvePlan, CurveTrack } from '../domain/curve.ts';
import { formatDuration } from '../domain/duration.ts';
import { visibleUpTo } from '../domain/inert.ts';
import { type CurveSegment, curveSegments, curveWindow } from './curve-lane.ts';
import { CurveTable } from './curve-table.tsx';
import { Figure, TimeAxis } from './figure.tsx';
import { group } from './group.ts';
import { Path } from './path.tsx';
import { PhaseBands, phaseRows } from './phases.tsx';
import { type Box, boxes, hatch, joined, n, seen } from './shapes.ts';
import { chartWidth, timeScale } from './time-scale.ts';

const label = 24;
const bar = 18;
const low = 13;
const lane = label + bar + 8;

type X = (ms: number) => number;

/** What every attacker and every consumer saw around the declared leak, a lane each; time 0 is the leak. */
export function curveChart(plan: CurvePlan): VNode {
  const { from, to } = curveWindow(plan);
  const x = timeScale(from, to);
  const lanes = plan.tracks.map((track) => ({ track, segments: curveSegments(track, plan.to) }));
  const rows = phaseRows(plan.phases, from, to);
  const top = (lanes.length + plan.consumers.length) * lane;
  const foot = top + rows.height;
  return (
    <Figure
      title={`What still let the old secret in, ${plan.plan === 'leak' ? 'after a leak' : 'in a planned rotation'}, ${plan.credential === 'canary' ? 'with a canary' : 'with the credential in use'}`}
      description={`Times are from the leak, to ${formatDuration(plan.uncertaintyMs)}. ${lanes.map(({ track, segments }) => `${nameOf(track)}: ${ending(track, segments)}.`).join(' ')} ${plan.consumers.map(({ service, requests, failed }) => `${visibleUpTo(service, 120)}: ${failed} of ${requests} requests failed.`).join(' ')}`}
      height={foot + 24}
      legend={[
        ['seg-before', '', 'let in before the leak'],
        ['seg-bad', '!', 'tall: not as it should be: the old one is let in, the new one is not, or a request failed'],
        ['seg-ok', '✓', 'low: as it should be: old ╱ refused or ╳ ended, new let in'],
        ['seg-unknown', '?', 'no answer that says anything'],
      ]}
      table={<CurveTable plan={plan} lanes={lanes} />}
    >
      <PhaseBands rows={rows} x={x} y={top} behind={false} />
      <TimeAxis from={from} to={to} scale={x} y={foot} />
      {lanes.map(({ track, segments }, index) => (
        <Track key={index} track={track} segments={segments} x={x} y={index * lane} />
      ))}
      {plan.consumers.map((consumer, index) => (
        <Consumer key={index} consumer={consumer} plan={plan} x={x} y={(lanes.length + index) * lane} />
      ))}
      <line class="chart-zero" x1={n(x(0))} x2={n(x(0))} y1={0} y2={n(foot)} />
    </Figure>
  );
}

const meanings = { good: 'seg-ok', bad: 'seg-bad', unknown: 'seg-unknown', before: 'seg-before' } as const;
/** Beyond it a track's segments have no titles of their own. */
const mostTitled = 60;
const words = { accepted: 'let in', refused: 'refused', closed: 'ended', unknown: '?' } as const;

function Track(props: {
  readonly track: CurveTrack;
  readonly segments: readonly CurveSegment[];
  readonly x: X;
  readonly y: number;
}): VNode {
  const { track, segments, x, y } = props;
  return (
    <g>
      <text class="chart-label" x={0} y={n(y + 17)}>
        {nameOf(track)}
        <tspan class="chart-note"> {ending(track, segments)}</tspan>
      </text>
      {segments.length > mostTitled ? (
        <Many {...props} />
      ) : (
        segments.map((segment, index) => <Segment key={index} segment={segment} x={x} y={y} />)
      )}
    </g>
  );
}

function Segment({ segment, x, y }: { readonly segment: CurveSegment; readonly x: X; readonly y: number }): VNode {
  const { answer, meaning, from, to, codes } = segment;
  const box = boxOf(segment, x, y);
  const word = words[answer];
  const said = codes.length > 0 ? `: ${visibleUpTo(codes.join(', '), 120)}` : '';
  return (
    <g>
      <title>{`${word} from ${formatDuration(from)} to ${formatDuration(to)}${said}`}</title>
      <Path class={meanings[meaning]} d={boxes([box])} />
      <Stroke answer={answer} at={[box]} />
      {box.width > word.length * 8 + 12 && (
        <text class="seg-word" x={n(box.x + 5)} y={n(y + label + bar - 3)}>
          {word}
        </text>
      )}
    </g>
  );
}

/** More segments than one could point at: a path for each sort of them. What is wrong lies over what is right. */
function Many({ segments, x, y }: { readonly segments: readonly CurveSegment[]; readonly x: X; readonly y: number }): VNode {
  const order = ['before', 'good', 'unknown', 'bad'];
  const sorts = [...group(segments, ({ answer, meaning }) => `${order.indexOf(meaning)} ${answer}`)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return (
    <g>
      {sorts.map(([key, own]) => {
        const [first] = own;
        if (first === undefined) return null;
        const at = joined(own.map((segment) => boxOf(segment, x, y)));
        return (
          <g key={key}>
            <Path class={meanings[first.meaning]} d={boxes(at)} />
            <Stroke answer={first.answer} at={at} />
          </g>
        );
      })}
    </g>
  );
}

/** What is wrong stands out by its height, besides its colour. */
function boxOf({ meaning, from, to }: CurveSegment, x: X, y: number): Box {
  const less = meaning === 'bad' ? 0 : bar - low;
  return seen(x(from), x(to), y + label + less, bar - less, chartWidth, meaning === 'bad' ? 2 : 1);
}

/** The sign of an answer, besides its colour. */
function Stroke({ answer, at }: { readonly answer: CurveSegment['answer']; readonly at: readonly Box[] }): VNode | null {
  if (answer === 'refused') return <Path class="seg-stroke" d={hatch(at)} />;
  return answer === 'closed' ? <Path class="seg-stroke" d={hatch(at, 1, 9) + hatch(at, -1, 9)} /> : null;
}

function Consumer(props: {
  readonly consumer: CurvePlan['consumers'][number];
  readonly plan: CurvePlan;
  readonly x: X;
  readonly y: number;
}): VNode {
  const { consumer, plan, x, y } = props;
  const outages = joined(consumer.outages.map((one) => seen(x(one.from), x(one.to ?? plan.to), y + label, bar, chartWidth)));
  return (
    <g>
      <text class="chart-label" x={0} y={n(y + 17)}>
        requests of {visibleUpTo(consumer.service, 40)}
        <tspan class="chart-note">
          {' '}
          {consumer.failed} of {consumer.requests} failed
        </tspan>
      </text>
      {consumer.requests > 0 && <Path class="seg-ok" d={boxes([{ x: 0, y: y + label + bar - 4, width: chartWidth, height: 4 }])} />}
      <Path class="seg-bad" d={boxes(outages)} />
      <Path class="seg-stroke" d={hatch(outages)} />
    </g>
  );
}

function nameOf({ credential, mode, point, from }: CurveTrack): string {
  return `${credential} ${mode} at ${visibleUpTo(point, 40)} from ${visibleUpTo(from, 30)}`;
}

function ending({ attempts }: CurveTrack, segments: readonly CurveSegment[]): string {
  const last = segments.at(-1);
  if (last === undefined) return 'never tried';
  const since = last.from > 0 ? ` from ${formatDuration(last.from)} on` : '';
  const all = Object.values(attempts).reduce((sum, one) => sum + one, 0);
  return `${last.answer === 'unknown' ? 'no answer' : words[last.answer]}${since}, ${all} attempts`;
}
