import { formatDuration } from '../../domain/duration.ts';
import type { RunEvent } from '../../domain/words.ts';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';

export interface TimelineProps {
  readonly runId: string;
  /** The last ones, in their order. */
  readonly events: readonly RunEvent[];
  /** How many there are in all. */
  readonly total: number;
  /** UTC ms of the run's start. */
  readonly startedAt: number;
  readonly running: boolean;
}

/** While the run goes on the newest is on top, where one looks; afterwards it is read from its beginning. */
export function Timeline({ runId, events, total, startedAt, running }: TimelineProps) {
  const shown = running ? events.toReversed() : events;
  return (
    <section>
      <h2>Timeline</h2>
      <p class="quiet">
        {total > events.length ? `The last ${events.length} of ${total} events` : `${total} ${total === 1 ? 'event' : 'events'}`},{' '}
        {running ? 'newest' : 'oldest'} first. <a href={`/api/v1/runs/${runId}/events`}>All as JSON</a>
      </p>
      {events.length > 0 && (
        <Table
          caption="Timeline of the run"
          class="timeline"
          head={[{ label: 'At', numeric: true }, 'UTC', 'What', 'Target', 'Said']}
          rows={shown.map(({ seq, at, type, target, message }) => ({
            id: `event-${seq}`,
            cells: [
              <span class="num">+{formatDuration(Math.max(0, Date.parse(at) - startedAt))}</span>,
              <time class="num quiet" dateTime={at}>
                {at.slice(11, 23)}
              </time>,
              <Text of={type} />,
              target === null ? null : <Text of={target} />,
              <Text of={message.length > longest ? `${message.slice(0, longest)}…` : message} />,
            ],
          }))}
        />
      )}
    </section>
  );
}

/** The rest is in the JSON. */
const longest = 1_000;
