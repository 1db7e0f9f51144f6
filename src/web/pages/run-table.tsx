import type { RunSummary } from '../../domain/words.ts';
import { Empty } from '../parts/empty.tsx';
import { RunLink } from '../parts/run-link.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Duration, Time } from '../parts/time.tsx';
import { Verdict } from '../parts/verdict.tsx';

/** Runs, as they are listed everywhere. */
export function RunTable({ runs, now }: { readonly runs: readonly RunSummary[]; readonly now: number }) {
  if (runs.length === 0) return <Empty>No run.</Empty>;
  return (
    <Table
      caption="Runs, newest first"
      class="runs"
      head={[
        'Run',
        'Verdict',
        'Drill',
        'Kind',
        'Began',
        { label: 'Took', numeric: true },
        { label: 'Targets', numeric: true },
        'By',
        'Why',
      ]}
      rows={runs.map((run) => ({
        id: `run-${run.id}`,
        cells: [
          <RunLink id={run.id} />,
          <Verdict of={run.verdict} />,
          run.drill === null ? (
            <span class="quiet">on demand</span>
          ) : (
            <a href={`/drills/${encodeURIComponent(run.drill)}`}>
              <Text of={run.drill} />
            </a>
          ),
          run.kind,
          <Time at={run.startedAt} now={now} />,
          <Duration ms={run.durationMs} />,
          run.targetCount,
          <>
            <Text of={run.actor} /> <span class="quiet">{run.trigger}</span>
          </>,
          <span class="wrap">
            <Text of={run.reason} />
          </span>,
        ],
      }))}
    />
  );
}
