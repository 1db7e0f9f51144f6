/** Every container of every engine: what is frozen, what is too old, what no drill may touch. */
import { formatDuration } from '../../domain/duration.ts';
import { Age } from '../parts/age.tsx';
import { Empty } from '../parts/empty.tsx';
import { HoldState } from '../parts/hold.tsx';
import { Pager } from '../parts/pager.tsx';
import { withQuery } from '../parts/query.ts';
import { Mark } from '../parts/state.tsx';
import { Table, type TableRow } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { type LastDrill, type TargetGroup, type TargetRow, targetGroups } from '../target-row.ts';

export interface TargetsProps {
  /** Of this page. */
  readonly rows: readonly TargetRow[];
  /** Of all that the search found. */
  readonly counts: Readonly<Record<TargetGroup, number>>;
  /** Kinds of drill that there are. */
  readonly kinds: number;
  readonly engines: readonly EngineState[];
  readonly query: { readonly q: string; readonly show: TargetGroup | null };
  readonly place: { readonly page: number; readonly pages: number; readonly first: number; readonly of: number };
  /** Whether the reader may freeze. */
  readonly mayFreeze: boolean;
  readonly now: number;
}

export interface EngineState {
  readonly engine: string;
  /** When its containers were listed, UTC ms; null for never. */
  readonly at: number | null;
  /** Why they are not as they are now; null when they are. */
  readonly problem: string | null;
}

const groupNames: Readonly<Record<TargetGroup, string>> = {
  frozen: 'frozen',
  'over-age': 'over age',
  'not-opted-in': 'not opted in',
  'opted-in': 'others opted in',
};

export function TargetsPage(props: TargetsProps) {
  const { rows, engines, query, place, now } = props;
  const to = (page: number) =>
    page < 1 || page > place.pages ? null : withQuery('/targets', { ...query, page: page === 1 ? null : page });
  return (
    <div class="targets">
      <h1>Targets</h1>
      {engines.map((engine) => (
        <EngineProblem engine={engine} now={now} />
      ))}
      <Search {...props} />
      {rows.length === 0 ? (
        <Nothing {...props} />
      ) : (
        <Table
          caption="Containers"
          head={['Container', 'Service', 'Image', { label: 'Age', numeric: true }, 'Of its limit', 'State', 'Drills', 'Last drill', 'Act']}
          rows={rows.map((row) => tableRow(row, props))}
        />
      )}
      <Pager
        of="containers"
        previous={to(place.page - 1)}
        next={to(place.page + 1)}
        {...(place.of === 0 ? {} : { place: placeText(place, rows) })}
      />
    </div>
  );
}

function tableRow(row: TargetRow, { kinds, engines, mayFreeze, now }: TargetsProps): TableRow {
  const { view, hold, last } = row;
  return {
    id: `target-${view.id.slice(0, 16)}`,
    cells: [
      <a href={`/targets/${view.id}`}>
        <Text of={view.name} />
      </a>,
      <>
        <ServiceName view={view} />
        {engines.length > 1 && (
          <>
            {' '}
            <span class="quiet">
              on <Text of={view.engine} />
            </span>
          </>
        )}
      </>,
      <Text of={view.image} />,
      formatDuration(row.ageMs),
      <Age row={row} />,
      hold === null ? (
        <span class="quiet">
          <Text of={view.status} />
        </span>
      ) : (
        <a href={`/evidence/${hold.evidenceId}`}>
          <HoldState hold={hold} now={now} />
        </a>
      ),
      <OptIn row={row} kinds={kinds} />,
      <Last last={last} now={now} />,
      mayFreeze && hold === null && view.protectedBy === null ? (
        <a href={`/targets/${view.id}#freeze`}>
          Freeze
          <span class="unseen">
            {' '}
            <Text of={view.name} />
          </span>
          …
        </a>
      ) : (
        <span class="quiet">–</span>
      ),
    ],
  };
}

function Search({ counts, query }: TargetsProps) {
  const all = targetGroups.reduce((sum, group) => sum + counts[group], 0);
  return (
    <>
      <form class="filter" method="get" action="/targets">
        <label>
          Find <input name="q" type="search" value={query.q} maxLength={200} placeholder="name, service, image, engine" />
        </label>
        {query.show !== null && <input type="hidden" name="show" value={query.show} />}
        <button type="submit">Find</button>
      </form>
      <ul class="counts" aria-label="How many">
        <li>
          <a href={withQuery('/targets', { q: query.q })} aria-current={query.show === null ? 'true' : undefined}>
            <b>{count(all)}</b> {all === 1 ? 'container' : 'containers'}
          </a>
        </li>
        {targetGroups.map((group) => (
          <li>
            <a href={withQuery('/targets', { q: query.q, show: group })} aria-current={query.show === group ? 'true' : undefined}>
              <b>{count(counts[group])}</b> {groupNames[group]}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function EngineProblem({ engine: { engine, at, problem }, now }: { readonly engine: EngineState; readonly now: number }) {
  if (problem === null) return null;
  return (
    <p class="problem" role="status">
      <Mark tone="bad" word="not answering" />: <Text of={problem.includes(engine) ? problem : `engine ${engine}: ${problem}`} />.{' '}
      {at === null ? (
        'None of its containers are shown.'
      ) : (
        <>
          Its containers are shown as they were <Time at={at} now={now} />.
        </>
      )}
    </p>
  );
}

function Nothing({ query, engines }: TargetsProps) {
  if (query.q !== '' || query.show !== null) return <Empty>No container is like that.</Empty>;
  if (engines.some(({ problem }) => problem !== null)) return <Empty>No container is known.</Empty>;
  return <Empty>No container is running.</Empty>;
}

export function ServiceName({ view: { project, service } }: { readonly view: TargetRow['view'] }) {
  if (service === null) return <span class="quiet">–</span>;
  return <Text of={project === null ? service : `${project}/${service}`} />;
}

/** Which drills may touch it, or why none may. */
export function OptIn({ row: { view }, kinds }: { readonly row: TargetRow; readonly kinds: number }) {
  if (view.leftOut !== null)
    return (
      <span class="quiet">
        <Mark tone="quiet" word="none" />: <Text of={view.leftOut} />
      </span>
    );
  return <>{view.kinds.length === kinds ? 'all kinds' : view.kinds.join(', ')}</>;
}

export function Last({ last, now }: { readonly last: LastDrill | null; readonly now: number }) {
  if (last === null) return <span class="quiet">never</span>;
  return (
    <>
      <a href={`/runs/${last.runId}`}>
        <Text of={last.drill ?? last.kind} />
      </a>{' '}
      <Time at={last.at} now={now} />
      {last.on === 'service' && <span class="quiet"> (its service)</span>}
    </>
  );
}

function placeText({ first, of }: TargetsProps['place'], rows: readonly TargetRow[]): string {
  return `${count(first)}–${count(first + rows.length - 1)} of ${count(of)}`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
