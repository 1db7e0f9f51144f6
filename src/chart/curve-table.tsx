import type { VNode } from 'preact';
import type { CurvePlan, CurveTrack } from '../domain/curve.ts';
import { formatDuration } from '../domain/duration.ts';
import { visibleUpTo } from '../domain/inert.ts';
import type { CurveSegment } from './curve-lane.ts';

interface CurveTableProps {
  readonly plan: CurvePlan;
  readonly lanes: readonly { readonly track: CurveTrack; readonly segments: readonly CurveSegment[] }[];
}

export function CurveTable({ plan, lanes }: CurveTableProps): VNode {
  const rows = [
    ...lanes.flatMap(({ track, segments }) =>
      segments.map(({ answer, from, to, codes }) => [
        `${track.credential} ${track.mode}, ${track.point} from ${track.from}`,
        answer,
        from,
        to,
        codes.join(', '),
      ]),
    ),
    ...plan.consumers.flatMap(({ service, outages }) =>
      outages.map(({ from, to }) => [`requests of ${service}`, 'failed', from, to, ''] as const),
    ),
    ...plan.phases.map(({ name, from, to }) => [name, 'step', from, to, ''] as const),
  ] as const;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col">Said</th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, mostRows).map(([who, what, from, to, said], index) => (
          <tr key={index}>
            <th scope="row">{visibleUpTo(String(who), 120)}</th>
            <td>{what}</td>
            <td>{formatDuration(Number(from))}</td>
            <td>{to === null ? 'not ended' : formatDuration(Number(to))}</td>
            <td>{visibleUpTo(String(said), 120)}</td>
          </tr>
        ))}
        {rows.length > mostRows && (
          <tr>
            <td colSpan={5}>and {rows.length - mostRows} more</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** A longer list is in the artifact. */
const mostRows = 300;
