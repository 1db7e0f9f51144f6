import type { Schedule as DrillSchedule } from '../../domain/drill.ts';
import type { RunSummary } from '../../domain/words.ts';
import { Empty } from '../parts/empty.tsx';
import { Schedule } from '../parts/schedule.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { Verdict } from '../parts/verdict.tsx';

export interface DrillsPageProps {
  readonly now: number;
  readonly drills: readonly DrillLine[];
  /** Files that could not be read. */
  readonly problems: readonly { readonly message: string }[];
}

export interface DrillLine {
  readonly name: string;
  readonly kind: string;
  readonly description: string | null;
  readonly schedule: DrillSchedule | null;
  /** UTC ms. */
  readonly next: readonly number[];
  /** Newest first, at most five. */
  readonly runs: readonly Pick<RunSummary, 'id' | 'verdict' | 'startedAt'>[];
}

export function DrillsPage({ now, drills, problems }: DrillsPageProps) {
  return (
    <>
      <h1>Drills</h1>
      {problems.length > 0 && <Problems of={problems} />}
      {drills.length === 0 ? (
        <Empty>
          The catalogue has no drill. A drill is a YAML file in one of the folders that <code>drills</code> in pitwall.yaml names.
        </Empty>
      ) : (
        <Table
          caption="Every drill of the catalogue"
          class="drills"
          head={['Drill', 'Kind', 'Schedule', 'Next', 'Last verdict', 'Last five, newest first']}
          rows={drills.map((drill) => ({ id: `drill-${drill.name}`, cells: cellsOf(drill, now) }))}
        />
      )}
    </>
  );
}

function cellsOf({ name, kind, description, schedule, next, runs }: DrillLine, now: number) {
  const [last] = runs;
  return [
    <>
      <a href={`/drills/${encodeURIComponent(name)}`}>
        <Text of={name} />
      </a>
      {description !== null && (
        <div class="quiet wrap">
          <Text of={description} />
        </div>
      )}
    </>,
    <Text of={kind} />,
    <Schedule of={schedule} />,
    <Instants of={next} now={now} />,
    last === undefined ? (
      <span class="quiet">never run</span>
    ) : (
      <>
        <Verdict of={last.verdict} />{' '}
        <span class="quiet">
          <Time at={last.startedAt} now={now} />
        </span>
      </>
    ),
    <span class="signs">
      {runs.map(({ id, verdict }) => (
        <a href={`/runs/${id}`}>
          <Verdict of={verdict} brief />
        </a>
      ))}
    </span>,
  ];
}

export function Instants({ of, now }: { readonly of: readonly number[]; readonly now: number }) {
  if (of.length === 0) return <span class="quiet">–</span>;
  return (
    <ol class="instants num">
      {of.map((at, i) => (
        <li>
          <Time at={at} />
          {i === 0 && (
            <span class="quiet">
              {' '}
              <Time at={at} now={now} />
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

function Problems({ of }: { readonly of: DrillsPageProps['problems'] }) {
  return (
    <div class="problem">
      <p>These files cannot be read; the drills in them do not run:</p>
      <ul>
        {of.map(({ message }) => (
          <li>
            <Text of={message} />
          </li>
        ))}
      </ul>
    </div>
  );
}
