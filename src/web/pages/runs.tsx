import { drillKinds, type RunSummary, type Verdict } from '../../domain/words.ts';
import { RunTable } from './run-table.tsx';

export interface RunsPageProps {
  readonly now: number;
  readonly runs: readonly RunSummary[];
  readonly filter: RunsFilter;
  /** Names to choose from. */
  readonly drills: readonly string[];
  /** The last id of this page, when there is another. */
  readonly next: string | null;
}

/** As the form gives it: empty for any. */
export interface RunsFilter {
  readonly drill: string;
  readonly kind: string;
  readonly verdict: Verdict | 'running' | '';
  /** `YYYY-MM-DD`, UTC. */
  readonly since: string;
  readonly until: string;
  readonly before: string;
}

const verdicts: readonly Verdict[] = ['passed', 'failed', 'inconclusive', 'refused', 'aborted', 'error'];

export function RunsPage({ now, runs, filter, drills, next }: RunsPageProps) {
  const link = (before: string) => {
    const chosen = Object.entries({ ...filter, before }).filter(([, value]) => value !== '');
    return `/runs${chosen.length === 0 ? '' : `?${new URLSearchParams(chosen)}`}`;
  };
  return (
    <>
      <h1>Runs</h1>
      <form method="get" action="/runs" class="filter">
        <Choice name="drill" label="Drill" value={filter.drill} options={drills} />
        <Choice name="kind" label="Kind" value={filter.kind} options={drillKinds} />
        <Choice name="verdict" label="Verdict" value={filter.verdict} options={['running', ...verdicts]} />
        <label>
          From <input type="date" name="since" value={filter.since} />
        </label>
        <label>
          Up to <input type="date" name="until" value={filter.until} />
        </label>
        <button type="submit">Show</button>
        <a href="/runs">All</a>
      </form>
      <RunTable runs={runs} now={now} />
      <nav class="pager" aria-label="Pages of runs">
        {filter.before !== '' && <a href={link('')}>Newest</a>}
        {next !== null && (
          <a href={link(next)} rel="next">
            Older
          </a>
        )}
      </nav>
    </>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
}

function Choice({ name, label, value, options }: ChoiceProps) {
  const all = value === '' || options.includes(value) ? options : [value, ...options];
  return (
    <label>
      {label}{' '}
      <select name={name}>
        <option value="">any</option>
        {all.map((option) => (
          <option value={option} selected={option === value}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}
