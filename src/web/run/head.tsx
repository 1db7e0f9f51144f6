import type { RunRecord } from '../../domain/words.ts';
import type { Reader } from '../frame.ts';
import { Confirm, Form, Otherwise } from '../parts/form.tsx';
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
  const { verdict, reason, engine } = record;
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
      <dl class="facts">
        <Fact name="Kind">
          <Text of={record.kind} />
        </Fact>
        <Fact name="Began">
          <Time at={record.startedAt} />
        </Fact>
        <Fact name={record.endedAt === null ? 'So far' : 'Took'}>
          <Duration ms={record.durationMs ?? Math.max(0, now - Date.parse(record.startedAt))} />
        </Fact>
        <Fact name="Asked by">
          <Text of={record.actor} /> <span class="quiet">({record.trigger})</span>
        </Fact>
        <Fact name="Engine">
          <Text of={engine.name} />{' '}
          <span class="quiet">
            <Text
              of={[engine.environment ?? 'no environment', ...(engine.version === null ? [] : [`Docker ${engine.version}`])].join(', ')}
            />
          </span>
        </Fact>
        <Fact name="Seed">
          <code>
            <Text of={record.seed} />
          </code>
        </Fact>
        <Fact name="Definition">
          <code title={record.definition}>{record.definition.replace('sha256:', '').slice(0, 12)}…</code>
        </Fact>
        {record.drill !== null && (
          <Fact name="Same targets again">
            <code class="command">
              pitwall run <Text of={record.drill} /> --replay {record.id}
            </code>
          </Fact>
        )}
      </dl>
    </header>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
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
  if (reader === null || !reader.may('halt')) return <Otherwise permission="halt" reader={reader} path={`/runs/${id}`} />;
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
