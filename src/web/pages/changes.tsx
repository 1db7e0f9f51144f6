import { changeTones } from '../../scorecard/change-tones.ts';
import type { Change } from '../../scorecard/scorecard.ts';
import { Empty } from '../parts/empty.tsx';
import { Mark } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';

export interface ChangesProps {
  /** The worst first. */
  readonly changes: readonly Change[];
  /** ISO 8601 */
  readonly since: string;
  readonly now: number;
  /** Shows no more than these, and says how many there are. */
  readonly most: number;
  /** Where the others are. */
  readonly all: string;
}

export function Changes({ changes, since, now, most, all }: ChangesProps) {
  if (changes.length === 0) {
    return (
      <Empty>
        Nothing has changed since <Time at={since} />.
      </Empty>
    );
  }
  return (
    <>
      <ul class="changes">
        {changes.slice(0, most).map(({ type, message, runId, at }) => (
          <li>
            <Mark tone={changeTones[type]} word={type} />{' '}
            <a href={`/runs/${runId}`}>
              <Text of={message} />
            </a>{' '}
            <span class="quiet">
              <Time at={at} now={now} />
            </span>
          </li>
        ))}
      </ul>
      <p class="quiet">
        Since <Time at={since} />. {changes.length > most && <a href={all}>{`All ${changes.length} changes`}</a>}
      </p>
    </>
  );
}
