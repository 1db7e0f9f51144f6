import type { RunSummary } from '../../domain/words.ts';
import { Empty } from '../parts/empty.tsx';
import { Mark } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';

/** A run that goes on, and how far it has come. */
export interface GoingRun extends Pick<RunSummary, 'id' | 'drill' | 'kind' | 'startedAt'> {
  /** The newest line of its timeline. */
  readonly last: { readonly at: string; readonly message: string } | null;
}

const most = 10;

export function Going({ runs, now }: { readonly runs: readonly GoingRun[]; readonly now: number }) {
  if (runs.length === 0) return <Empty>Nothing runs.</Empty>;
  return (
    <>
      <ul class="going">
        {runs.slice(0, most).map(({ id, drill, kind, startedAt, last }) => (
          <li id={`going-${id}`}>
            <Mark tone="live" word="running" />{' '}
            <a href={`/runs/${id}`}>
              <Text of={drill ?? kind} />
            </a>{' '}
            <span class="quiet">
              began <Time at={startedAt} now={now} />
            </span>
            {last !== null && (
              <div class="wrap">
                <Text of={last.message} />{' '}
                <span class="quiet">
                  <Time at={last.at} now={now} />
                </span>
              </div>
            )}
          </li>
        ))}
      </ul>
      {runs.length > most && (
        <p>
          <a href="/runs?verdict=running">{`All ${runs.length} that run`}</a>
        </p>
      )}
    </>
  );
}
