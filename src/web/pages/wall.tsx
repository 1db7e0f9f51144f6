import type { RunSummary } from '../../domain/words.ts';
import { Empty } from '../parts/empty.tsx';
import { RunLink } from '../parts/run-link.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';

export interface WallPageProps {
  readonly now: number;
  readonly running: readonly RunSummary[];
}

export function WallPage({ now, running }: WallPageProps) {
  return (
    <>
      <h1>Wall</h1>
      <h2>Runs now</h2>
      {running.length === 0 ? (
        <Empty>Nothing runs.</Empty>
      ) : (
        <Table
          caption="Runs that go on"
          head={['Run', 'Drill', 'Began']}
          rows={running.map(({ id, drill, kind, startedAt }) => ({
            id: `run-${id}`,
            cells: [<RunLink id={id} />, <Text of={drill ?? kind} />, <Time at={startedAt} now={now} />],
          }))}
        />
      )}
    </>
  );
}
