import type { TrendProps } from '../../chart/trend-chart.tsx';
import type { Drill } from '../../domain/drill.ts';
import type { RunSummary } from '../../domain/words.ts';
import type { Frame, Reader } from '../frame.ts';
import { Confirm, Form, Otherwise } from '../parts/form.tsx';
import { Schedule } from '../parts/schedule.tsx';
import { Text } from '../parts/text.tsx';
import { Trends } from '../run/trends.tsx';
import { Instants } from './drills.tsx';
import { type Plan, PlanView } from './plan.tsx';
import { RunTable } from './run-table.tsx';

export interface DrillPageProps {
  readonly drill: Drill;
  readonly now: number;
  readonly next: readonly number[];
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  /** Of its objectives; those that were measured. */
  readonly trends: readonly TrendProps[];
  readonly reader: Reader | null;
  readonly halt: Frame['halt'];
  /** Null when it was not asked for. */
  readonly plan: Plan | null;
}

export function DrillPage({ drill, now, next, runs, trends, reader, halt, plan }: DrillPageProps) {
  const path = `/drills/${encodeURIComponent(drill.name)}`;
  return (
    <>
      {plan !== null && <span data-live="off" />}
      <h1>
        <Text of={drill.name} />
      </h1>
      {drill.description !== null && (
        <p>
          <Text of={drill.description} />
        </p>
      )}
      <dl class="facts">
        <dt>Kind</dt>
        <dd>{drill.kind}</dd>
        <dt>Schedule</dt>
        <dd>
          <Schedule of={drill.schedule} />
        </dd>
        <dt>Next</dt>
        <dd>
          <Instants of={next} now={now} />
        </dd>
        <dt>Environments</dt>
        <dd>
          <Text of={drill.environments.join(', ')} />
        </dd>
      </dl>
      <RunNow drill={drill.name} path={path} reader={reader} halt={halt} />
      <h2 id="plan">Plan</h2>
      {plan === null ? (
        <p>
          <a href={`${path}?plan=1#plan`}>Ask the engine what a run would do now</a>
          <span class="quiet">: the exact targets, their order and each action. Nothing is changed.</span>
        </p>
      ) : (
        <PlanView plan={plan} />
      )}
      <h2>Recent runs</h2>
      <RunTable runs={runs} now={now} />
      <p>
        <a href={`/runs?drill=${encodeURIComponent(drill.name)}`}>All runs of this drill</a>
      </p>
      <Trends of={trends} />
      <h2>Definition</h2>
      <p class="quiet">
        <Text of={`${drill.source.file}:${drill.source.line}`} /> · <span class="mono">{drill.source.definition.slice(0, 19)}</span>
      </p>
      <pre>
        <Text of={drill.source.text} lines />
      </pre>
    </>
  );
}

function RunNow({ drill, path, reader, halt }: { drill: string; path: string; reader: Reader | null; halt: Frame['halt'] }) {
  if (halt !== null) return <p class="quiet">No run can be started while Pitwall is halted.</p>;
  return (
    <>
      <Otherwise permission="run" reader={reader} path={path} />
      <Form action={`${path}/runs`} permission="run" reader={reader} id="run-now">
        <Confirm summary="Run now" id="run-now-confirm">
          <p>
            This runs the drill for real on its targets. <a href={`${path}?plan=1#plan`}>See the plan first</a>.
          </p>
          <label>
            Seed <input name="seed" maxLength={100} placeholder="a new one" autoComplete="off" />
          </label>{' '}
          <button type="submit" class="danger">
            Run {drill} now
          </button>
        </Confirm>
      </Form>
    </>
  );
}
