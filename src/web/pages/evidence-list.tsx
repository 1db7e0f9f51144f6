/** All evidence, newest first; what is held frozen now stands above it, the next deadline first. */
import { type EvidenceCase, type EvidenceState, evidenceStates, type Hold } from '../../domain/evidence.ts';
import { formatSize } from '../../domain/size.ts';
import { Empty } from '../parts/empty.tsx';
import { HoldState, onExpiryText } from '../parts/hold.tsx';
import { Long } from '../parts/long.tsx';
import { Pager } from '../parts/pager.tsx';
import { withQuery } from '../parts/query.ts';
import { Mark, type Tone } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { shareText } from '../parts/value.tsx';

export interface EvidenceListProps {
  readonly cases: readonly EvidenceCase[];
  readonly holds: readonly Hold[];
  readonly query: { readonly state: EvidenceState | null; readonly before: string | null };
  /** `before` of the next page; null on the last. */
  readonly next: string | null;
  readonly now: number;
}

export function EvidenceListPage(props: EvidenceListProps) {
  const { query, next } = props;
  return (
    <div class="evidence">
      <h1>Evidence</h1>
      <Held {...props} />
      <h2>All cases</h2>
      <form class="filter" method="get" action="/evidence">
        <label>
          State
          <select name="state">
            <option value="">any</option>
            {evidenceStates.map((state) => (
              <option value={state} selected={state === query.state}>
                {state}
              </option>
            ))}
          </select>
        </label>
        <button type="submit">Show</button>
      </form>
      <Cases {...props} />
      <Pager
        of="evidence"
        labels={['Newest', 'Older']}
        previous={query.before === null ? null : withQuery('/evidence', { state: query.state })}
        next={next === null ? null : withQuery('/evidence', { state: query.state, before: next })}
      />
    </div>
  );
}

function Held({ holds, now }: EvidenceListProps) {
  if (holds.length === 0) return <p>No container is held frozen.</p>;
  return (
    <>
      <h2>Held frozen now</h2>
      <Table
        caption="Containers that are held frozen"
        head={['Container', 'Hold', 'Until', 'Then', 'Evidence']}
        rows={holds.map((hold) => ({
          id: `hold-${hold.evidenceId}`,
          cells: [
            <Text of={hold.containerName} />,
            <HoldState hold={hold} now={now} />,
            <Time at={hold.deadline} />,
            onExpiryText[hold.onExpiry],
            <a class="mono" href={`/evidence/${hold.evidenceId}`}>
              {hold.evidenceId}
            </a>,
          ],
        }))}
      />
    </>
  );
}

function Cases({ cases, query, now }: EvidenceListProps) {
  if (cases.length === 0)
    return <Empty>{query.state === null && query.before === null ? 'No container was frozen yet.' : 'No evidence is like that.'}</Empty>;
  return (
    <Table
      caption="Evidence"
      head={[
        'Evidence',
        'Taken',
        'Container',
        'Image',
        'State',
        'Seal',
        { label: 'Size', numeric: true },
        'Hold',
        'Registry',
        'By',
        'Reason',
        'Run',
      ]}
      rows={cases.map((one) => ({
        id: one.id,
        cells: [
          <a class="mono" href={`/evidence/${one.id}`}>
            {one.id}
          </a>,
          <Time at={one.requestedAt} now={now} />,
          <Text of={one.container.name} />,
          <Text of={one.container.image} />,
          <CaseState of={one} />,
          <SealMark state={one.seal} />,
          formatSize(one.bytes),
          one.hold === null ? <span class="quiet">–</span> : <HoldState hold={one.hold} now={now} />,
          one.push.state === 'none' ? <span class="quiet">local</span> : one.push.state,
          <Text of={one.actor} />,
          one.reason === null ? <span class="quiet">–</span> : <Long of={one.reason} />,
          <a href={`/runs/${one.runId}`}>run</a>,
        ],
      }))}
    />
  );
}

/** Whether all that was asked for is in it. */
export function CaseState({ of: { state, coverage } }: { readonly of: EvidenceCase }) {
  if (state === 'whole') return <Mark tone="good" word="whole" />;
  if (state === 'capturing') return <Mark tone="live" word="capturing" />;
  if (state === 'pruned') return <Mark tone="quiet" word="pruned" />;
  return <Mark tone="unsure" word={coverage === null || coverage === 1 ? 'partial' : `partial, ${shareText(coverage)}`} />;
}

const sealTones: Readonly<Record<'intact' | 'broken' | 'unknown', Tone>> = { intact: 'good', broken: 'bad', unknown: 'unsure' };

export function SealMark({ state }: { readonly state: EvidenceCase['seal'] }) {
  return state === null ? <span class="quiet">none yet</span> : <Mark tone={sealTones[state]} word={state} />;
}
