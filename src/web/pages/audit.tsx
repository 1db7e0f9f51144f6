/** Who did what, from where, and whether it was allowed; and whether the log is as it was written. */
import type { AuditVerdict, FoundAct } from '../../access/audit.ts';
import { type AuditOutcome, auditOutcomes } from '../../store/audit-row.ts';
import { Empty } from '../parts/empty.tsx';
import { Long } from '../parts/long.tsx';
import { Pager } from '../parts/pager.tsx';
import { withQuery } from '../parts/query.ts';
import { Mark, type Tone } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';

export interface AuditProps {
  readonly entries: readonly FoundAct[];
  /** `before` of the next page; null on the last. */
  readonly next: number | null;
  readonly query: AuditQuery;
  /** How many rows there are, and the last one's hash. */
  readonly rows: number;
  readonly head: string;
  /** Null when it was not asked for. */
  readonly verdict: AuditVerdict | null;
}

/** As it was typed. */
export interface AuditQuery {
  readonly who: string;
  readonly act: string;
  readonly outcome: AuditOutcome | null;
  readonly since: string;
  readonly until: string;
  readonly before: number | null;
}

export function AuditPage(props: AuditProps) {
  const { entries, next, query } = props;
  const filter = { ...query, before: null };
  const isAll = Object.values(query).every((value) => value === null || value === '');
  return (
    // A check is not made again by itself, and an older page does not change.
    <div class="audit" data-live={props.verdict !== null || query.before !== null ? 'off' : undefined}>
      <h1>Audit log</h1>
      <Chain {...props} />
      <Filter query={query} />
      {entries.length > 0 ? (
        <Entries entries={entries} />
      ) : next !== null ? (
        <Empty>No act is like that as far as was looked back: up to number {next.toLocaleString('en-US')}. Older ones may be.</Empty>
      ) : (
        <Empty>{isAll ? 'Nobody has done anything yet.' : 'No act is like that.'}</Empty>
      )}
      <Pager
        of="acts"
        labels={['Newest', 'Older']}
        previous={query.before === null ? null : withQuery('/audit', filter)}
        next={next === null ? null : withQuery('/audit', { ...filter, before: next })}
      />
    </div>
  );
}

function Chain({ rows, head, verdict }: AuditProps) {
  return (
    <section id="chain" aria-label="The log’s chain of hashes">
      <p>
        {rows.toLocaleString('en-US')} {rows === 1 ? 'row' : 'rows'}, each with the hash of the one before. Head:{' '}
        <code class="hash">{head}</code>{' '}
        <span class="quiet">Noted elsewhere, it proves later that the log was not written anew as a whole.</span>
      </p>
      {verdict === null ? (
        <p>
          <a href="/audit?verify=1#chain">Verify the whole chain</a> <span class="quiet">(about a second for each 100,000 rows)</span>
        </p>
      ) : verdict.ok ? (
        <p role="status">
          <Mark tone="good" word="whole" />: {verdict.rows.toLocaleString('en-US')} rows are as they were written
          {verdict.head === head ? '.' : ', and some were added meanwhile.'}
        </p>
      ) : (
        <p class="problem" role="status">
          <Mark tone="bad" word="broken" /> at row {verdict.seq.toLocaleString('en-US')}: {verdict.problem}; the{' '}
          {verdict.rows.toLocaleString('en-US')} rows before it are whole.
        </p>
      )}
    </section>
  );
}

function Filter({ query: { who, act, outcome, since, until } }: { readonly query: AuditQuery }) {
  return (
    <form class="filter" method="get" action="/audit">
      <label>
        Who <input name="who" value={who} maxLength={200} />
      </label>
      <label>
        Act <input name="act" value={act} maxLength={100} placeholder="freeze, run, halt" />
      </label>
      <label>
        Outcome
        <select name="outcome">
          <option value="">any</option>
          {auditOutcomes.map((one) => (
            <option value={one} selected={one === outcome}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <label>
        Since <input name="since" value={since} maxLength={40} placeholder="2026-01-31 or 7d" />
      </label>
      <label>
        Until <input name="until" value={until} maxLength={40} placeholder="2026-02-28" />
      </label>
      <button type="submit">Show</button>
    </form>
  );
}

const tones: Readonly<Record<AuditOutcome, Tone>> = { allowed: 'good', refused: 'unsure', failed: 'bad' };

function Entries({ entries }: Pick<AuditProps, 'entries'>) {
  return (
    <Table
      caption="Acts, newest first"
      head={['At', 'Who', 'Role', 'Act', 'What', 'Outcome', 'From', 'More', { label: 'Number', numeric: true }]}
      rows={entries.map((one) => ({
        id: `act-${one.seq}`,
        cells: [
          <Time at={one.at} />,
          <Text of={one.who} />,
          one.role,
          <Text of={one.act} />,
          one.object === null ? <span class="quiet">–</span> : <Long of={one.object} />,
          <Mark tone={tones[one.outcome]} word={one.outcome} />,
          <Text of={one.source} />,
          <More of={one} />,
          one.seq,
        ],
      }))}
    />
  );
}

/** What the columns do not say already. */
function More({ of: { data } }: { readonly of: FoundAct }) {
  const { outcome, ...rest } = data ?? {};
  void outcome;
  const parts = Object.entries(rest).filter(([, value]) => value !== null);
  if (parts.length === 0) return <span class="quiet">–</span>;
  return <Long of={parts.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')} />;
}
