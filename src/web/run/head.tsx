import type { ComponentChildren } from 'preact';
import type { RunRecord } from '../../domain/words.ts';
import type { Reader } from '../frame.ts';
import { Facts } from '../parts/facts.tsx';
import { Confirm, Form, mayAct, Otherwise } from '../parts/form.tsx';
import { Mark, State } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { Duration, Time } from '../parts/time.tsx';

export interface RunHeadProps {
  readonly record: RunRecord;
  readonly abort: { readonly at: number; readonly by: string } | null;
  readonly reader: Reader | null;
  readonly now: number;
}

/** What the run came to, and why; whose it was, and how to run it again. */
export function RunHead({ record, abort, reader, now }: RunHeadProps) {
  const { verdict, reason } = record;
  return (
    <header class="run-head">
      <h1>
        {record.drill === null ? (
          <Text of={record.kind} />
        ) : (
          <a href={`/drills/${encodeURIComponent(record.drill)}`}>
            <Text of={record.drill} />
          </a>
        )}{' '}
        <span class="mono quiet">{record.id}</span>
      </h1>
      <p class="run-verdict">
        <State is={verdict ?? 'running'} /> {reason !== '' && <Text of={reason} />}
      </p>
      {record.residue.length > 0 && <Residue sentences={record.residue} />}
      {verdict === null && <Abort id={record.id} abort={abort} reader={reader} now={now} />}
      <Facts of={factsOf(record, now)} />
      {verdict !== null && <Replay record={record} reader={reader} />}
    </header>
  );
}

function factsOf(record: RunRecord, now: number): (readonly [name: string, value: ComponentChildren])[] {
  const { engine } = record;
  const about = [engine.environment ?? 'no environment', ...(engine.version === null ? [] : [`Docker ${engine.version}`])];
  return [
    ['Kind', <Text of={record.kind} />],
    ['Began', <Time at={record.startedAt} />],
    [record.endedAt === null ? 'So far' : 'Took', <Duration ms={record.durationMs ?? Math.max(0, now - Date.parse(record.startedAt))} />],
    [
      'Asked by',
      <>
        <Text of={record.actor} /> <span class="quiet">({record.trigger})</span>
      </>,
    ],
    [
      'Engine',
      <>
        <Text of={engine.name} />{' '}
        <span class="quiet">
          <Text of={about.join(', ')} />
        </span>
      </>,
    ],
    ...(record.seed === ''
      ? []
      : [
          [
            'Seed',
            <code>
              <Text of={record.seed} />
            </code>,
          ] as const,
        ]),
    ['Definition', <code title={record.definition}>{record.definition.replace('sha256:', '').slice(0, 12)}…</code>],
  ];
}

/** Of a drill that picked something: what it did, it can do again. */
function Replay({ record: { id, drill, targets }, reader }: Pick<RunHeadProps, 'record' | 'reader'>) {
  const names = targets.filter(({ leftOut }) => leftOut === null).map(({ name }) => name);
  if (drill === null || names.length === 0) return null;
  return (
    <Confirm summary="Same targets again" id="replay">
      <p>
        <code class="command">
          pitwall run <Text of={drill} /> --replay {id}
        </code>
      </p>
      <Form action={`/drills/${encodeURIComponent(drill)}/runs`} permission="run" reader={reader}>
        <input type="hidden" name="replay" value={id} />
        <p>
          This runs the drill for real, as its file is now, on <Text of={names.slice(0, 5).join(', ')} />
          {names.length > 5 && ` and ${names.length - 5} more`}. It is refused when one of them is gone.
        </p>
        <button type="submit" class="danger">
          Run <Text of={drill} /> on them again
        </button>
      </Form>
    </Confirm>
  );
}

function Residue({ sentences }: { readonly sentences: readonly string[] }) {
  return (
    <section class="residue" aria-label="Left behind">
      <h2>
        <Mark tone="bad" word="Left behind" />
      </h2>
      <ul>
        {sentences.map((sentence) => (
          <li>
            <Text of={sentence} />
          </li>
        ))}
      </ul>
      <p>
        Not all that this run did could be shown to be undone. <code>pitwall recover</code> tries again.
      </p>
    </section>
  );
}

function Abort({ id, abort, reader, now }: Pick<RunHeadProps, 'abort' | 'reader' | 'now'> & { readonly id: string }) {
  if (abort !== null) {
    return (
      <p>
        <Mark tone="unsure" word="abort asked for" /> <Time at={abort.at} now={now} /> by <Text of={abort.by} />: it puts everything back
        and ends.
      </p>
    );
  }
  if (!mayAct(reader, 'halt')) return <Otherwise permission="halt" reader={reader} path={`/runs/${id}`} />;
  return (
    <Confirm summary="Abort this run" id="abort">
      <Form action={`/runs/${id}/abort`} permission="halt" reader={reader}>
        <p>It takes no new action, puts back what it did, and ends as aborted.</p>
        <button type="submit" class="danger">
          Abort the run
        </button>
      </Form>
    </Confirm>
  );
}
