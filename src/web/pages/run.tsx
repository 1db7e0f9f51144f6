import { availabilityChart } from '../../chart/availability-chart.tsx';
import { curveChart } from '../../chart/curve-chart.tsx';
import type { CheckLane } from '../../chart/lanes.ts';
import { matrixTable } from '../../chart/matrix-table.tsx';
import type { Phase } from '../../chart/phases.tsx';
import type { Curve } from '../../domain/curve.ts';
import type { Matrix } from '../../domain/matrix.ts';
import type { RunEvent, RunRecord } from '../../domain/words.ts';
import type { Reader } from '../frame.ts';
import { Empty } from '../parts/empty.tsx';
import { Changes, type ChangeView } from '../run/changes.tsx';
import { Findings } from '../run/findings.tsx';
import { RunHead } from '../run/head.tsx';
import { Measurements } from '../run/measurements.tsx';
import { Recorded } from '../run/recorded.tsx';
import { Targets } from '../run/targets.tsx';
import { Timeline } from '../run/timeline.tsx';

export interface RunPageProps {
  readonly record: RunRecord;
  readonly reader: Reader | null;
  readonly now: number;
  /** Who asked for it to end, and when. */
  readonly abort: { readonly at: number; readonly by: string } | null;
  /** The last ones, in their order, and how many there are in all. */
  readonly events: readonly RunEvent[];
  readonly eventCount: number;
  readonly lanes: readonly CheckLane[];
  readonly changes: readonly ChangeView[];
  readonly matrix: Matrix | null;
  readonly curve: Curve | null;
}

/** One run: what it came to first, then what that stands on. */
export function RunPage({ record, reader, now, abort, events, eventCount, lanes, changes, matrix, curve }: RunPageProps) {
  const startedAt = Date.parse(record.startedAt);
  const running = record.verdict === null;
  const durationMs = record.durationMs ?? Math.max(0, now - startedAt);
  const timeline = <Timeline runId={record.id} events={events} total={eventCount} startedAt={startedAt} running={running} />;
  return (
    <article class="run">
      <RunHead record={record} abort={abort} reader={reader} now={now} />
      {running && timeline}
      <Measurements measurements={record.measurements} />
      <Findings findings={record.findings} />
      {lanes.length > 0 && (
        <section>
          <h2>Steady state</h2>
          {availabilityChart({ lanes, phases: phasesOf(changes), durationMs })}
        </section>
      )}
      {has(record, 'curve') && (
        <section>
          <h2>The rotation</h2>
          {curve === null ? <Unreadable name="curve" /> : curve.plans.map((plan) => curveChart(plan))}
        </section>
      )}
      {has(record, 'matrix') && (
        <section>
          <h2>The matrix</h2>
          {matrix === null ? <Unreadable name="matrix" /> : matrixTable(matrix)}
        </section>
      )}
      <Targets targets={record.targets} running={running} />
      <Changes changes={changes} />
      <Recorded record={record} />
      {!running && timeline}
    </article>
  );
}

function has({ artifacts }: RunRecord, name: string): boolean {
  return artifacts.some((artifact) => artifact.name === name);
}

function Unreadable({ name }: { readonly name: string }) {
  return <Empty>The artifact {name} was recorded, and this version of Pitwall cannot read it; it can be downloaded below.</Empty>;
}

/** Behind the lanes: what was done to the world, for as long as it was so. */
function phasesOf(changes: readonly ChangeView[]): Phase[] {
  return changes.map(({ kind, target, from, to }) => ({ name: `${kind} ${target}`, from, to }));
}
