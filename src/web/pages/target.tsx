/** One container: what is known of it, and the form that freezes it. */
import { formatDuration } from '../../domain/duration.ts';
import type { Reader } from '../frame.ts';
import { Age } from '../parts/age.tsx';
import { Facts } from '../parts/facts.tsx';
import { HoldState } from '../parts/hold.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import type { TargetRow } from '../target-row.ts';
import { FreezeForm } from './freeze-form.tsx';
import { Last, OptIn, ServiceName } from './targets.tsx';

export interface TargetProps {
  readonly row: TargetRow;
  /** The others of its service on its engine. */
  readonly replicas: readonly TargetRow[];
  /** Kinds of drill that there are. */
  readonly kinds: number;
  readonly engine: { readonly at: number; readonly problem: string | null };
  readonly reader: Reader | null;
  readonly now: number;
}

export function TargetPage(props: TargetProps) {
  const { row, kinds, engine, now } = props;
  const { view, hold } = row;
  return (
    <div class="target">
      <h1>
        <Text of={view.name} />
      </h1>
      {engine.problem !== null && (
        <p class="problem" role="status">
          <Text of={engine.problem} />. This is what its engine said <Time at={engine.at} now={now} />.
        </p>
      )}
      <Facts
        of={[
          ['Service', <ServiceName view={view} />],
          ['Image', <Text of={view.image} />],
          [
            'Engine',
            <>
              <Text of={view.engine} /> ({view.environment === null ? 'of no environment' : <Text of={view.environment} />})
            </>,
          ],
          [
            'Id',
            <span class="mono" title={view.id}>
              {view.id.slice(0, 12)}
            </span>,
          ],
          [
            'State',
            hold === null ? (
              <Text of={view.status} />
            ) : (
              <a href={`/evidence/${hold.evidenceId}`}>
                <HoldState hold={hold} now={now} />
              </a>
            ),
          ],
          [
            'Age',
            <>
              {formatDuration(row.ageMs)}, created <Time at={view.createdAt} />
            </>,
          ],
          [
            'Limit',
            <>
              <Age row={row} />
              {view.limit !== null && (
                <>
                  {' '}
                  by <a href={`/drills/${view.limit.drill}`}>{view.limit.drill}</a>
                  {row.used !== null && row.used >= 1 && view.leftOut !== null && ', which may not touch it'}
                </>
              )}
            </>,
          ],
          ['Drills', <OptIn row={row} kinds={kinds} />],
          ['Last drill', <Last last={row.last} now={now} />],
        ]}
      />
      <FreezeForm {...props} />
      <Replicas {...props} />
    </div>
  );
}

const mostReplicas = 50;

function Replicas({ row: { view }, replicas, now }: TargetProps) {
  if (view.service === null) return null;
  return (
    <>
      <h2>The service’s other containers</h2>
      {replicas.length === 0 ? (
        <p>None: this is the only one of its service.</p>
      ) : (
        <Table
          caption="The service’s other containers"
          head={['Container', { label: 'Age', numeric: true }, 'State']}
          rows={replicas.slice(0, mostReplicas).map((one) => ({
            id: `target-${one.view.id.slice(0, 16)}`,
            cells: [
              <a href={`/targets/${one.view.id}`}>
                <Text of={one.view.name} />
              </a>,
              formatDuration(one.ageMs),
              one.hold === null ? <Text of={one.view.status} /> : <HoldState hold={one.hold} now={now} />,
            ],
          }))}
        />
      )}
      {replicas.length > mostReplicas && <p class="quiet">and {replicas.length - mostReplicas} more</p>}
    </>
  );
}
