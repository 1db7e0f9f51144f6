import type { ComponentChildren } from 'preact';
import type { RunSummary } from '../../domain/words.ts';
import { Empty } from '../parts/empty.tsx';
import { RunLink } from '../parts/run-link.tsx';
import { State } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';

/** The newest run of a drill on an engine that recorded what the page shows. */
export interface Newest {
  readonly run: RunSummary;
  /** A newer run that recorded none; null when this one is the newest. */
  readonly since: RunSummary | null;
  /** In a few words, for the list. */
  readonly gist: string;
  /** The gist is nothing to be calm about. */
  readonly bad: boolean;
  /** Null for those that the reader has not chosen. */
  readonly shown: ComponentChildren | null;
}

export interface NewestPageProps {
  readonly title: string;
  /** `/segmentation` */
  readonly path: string;
  readonly now: number;
  readonly all: readonly Newest[];
  /** Drills of the kind that have recorded none yet, with how to practise each. */
  readonly waiting: readonly string[];
  /** Where the catalogue has no drill of the kind: how to begin. */
  readonly how: ComponentChildren;
}

/** What the newest run of each drill of a kind recorded. */
export function NewestPage({ title, path, now, all, waiting, how }: NewestPageProps) {
  const chosen = all.filter(({ shown }) => shown !== null);
  return (
    <>
      <h1>{title}</h1>
      {all.length === 0 && <Empty>Never practised, so nothing is known.</Empty>}
      {all.length > 1 && (
        <Table
          caption="The newest of each drill"
          head={['Drill', 'Engine', 'When', 'Verdict', 'Found', '']}
          rows={all.map(({ run, gist, bad, shown }) => ({
            id: `newest-${run.id}`,
            cells: [
              <Text of={run.drill ?? run.kind} />,
              <Text of={run.engine.name} />,
              <Time at={run.startedAt} now={now} />,
              <State is={run.verdict ?? 'running'} />,
              <span class={bad ? 'bad' : undefined}>{gist}</span>,
              shown === null ? <a href={`${path}?run=${run.id}`}>show</a> : <span class="quiet">shown</span>,
            ],
          }))}
        />
      )}
      {chosen.map((one) => (
        <One of={one} now={now} />
      ))}
      {(waiting.length > 0 || all.length === 0) && <Practise waiting={waiting} how={how} />}
    </>
  );
}

function One({ of: { run, since, gist, shown }, now }: { readonly of: Newest; readonly now: number }) {
  return (
    <section id={`run-${run.id}`}>
      <h2>
        <Text of={run.drill ?? run.kind} /> on <Text of={run.engine.name} />
      </h2>
      <p>
        <State is={run.verdict ?? 'running'} /> <RunLink id={run.id} /> <Time at={run.startedAt} now={now} />: {gist}
      </p>
      {since !== null && (
        <p class="unsure">
          ≈ A newer run, <RunLink id={since.id} />, recorded none: <Text of={since.reason || (since.verdict ?? 'it goes on')} />
        </p>
      )}
      {shown}
    </section>
  );
}

function Practise({ waiting, how }: Pick<NewestPageProps, 'waiting' | 'how'>) {
  return (
    <section>
      <h2>Not practised yet</h2>
      {waiting.length === 0 ? (
        <p>{how}</p>
      ) : (
        <ul>
          {waiting.map((name) => (
            <li>
              <a href={`/drills/${encodeURIComponent(name)}`}>
                <Text of={name} />
              </a>
              :{' '}
              <code class="command">
                pitwall run <Text of={name} />
              </code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
