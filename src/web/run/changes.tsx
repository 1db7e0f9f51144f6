import { formatDuration } from '../../domain/duration.ts';
import type { ChangeState } from '../../domain/journal.ts';
import type { FaultRecord } from '../../domain/words.ts';
import { Mark, type Tone } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Duration } from '../parts/time.tsx';

/** What was done to the world, as the journal has it. */
export interface ChangeView {
  readonly id: number;
  readonly kind: string;
  readonly target: string;
  readonly state: ChangeState;
  readonly step: string | null;
  readonly note: string | null;
  /** ms since the run's start. */
  readonly from: number;
  readonly to: number | null;
}

const states: Readonly<Record<ChangeState, readonly [tone: Tone, word: string]>> = {
  open: ['live', 'not settled yet'],
  done: ['good', 'as wanted'],
  undone: ['good', 'undone'],
  residue: ['bad', 'left behind'],
};

const undos: Readonly<Record<FaultRecord['undo'], readonly [tone: Tone, word: string]>> = {
  clean: ['good', 'undone'],
  residue: ['bad', 'left behind'],
  unknown: ['unsure', 'not known'],
};

const most = 200;

export interface ChangesProps {
  readonly changes: readonly ChangeView[];
  readonly faults: readonly FaultRecord[];
  /** UTC ms of the run's start. */
  readonly startedAt: number;
}

export function Changes({ changes, faults, startedAt }: ChangesProps) {
  const rows = [
    ...changes.map(({ kind, target, state, step, note, from, to }) => ({
      kind,
      target,
      said: note ?? (step === null ? '' : `last step: ${step}`),
      from,
      to,
      state: states[state],
    })),
    ...faults.map(({ kind, target, injectedAt, undoneAt, effect, undo }) => ({
      kind,
      target,
      said: effect === 'proven' ? 'its effect was seen' : 'no effect was seen',
      from: Date.parse(injectedAt) - startedAt,
      to: undoneAt === null ? null : Date.parse(undoneAt) - startedAt,
      state: undos[undo],
    })),
  ];
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>What was done, and its undo</h2>
      <Table
        caption="Faults and changes, each with its undo"
        head={['What', 'Target', { label: 'From', numeric: true }, { label: 'For', numeric: true }, 'State', 'Note']}
        rows={rows.slice(0, most).map(({ kind, target, said, from, to, state: [tone, word] }) => ({
          cells: [
            <Text of={kind} />,
            <Text of={target} />,
            <span class="num">+{formatDuration(from)}</span>,
            to === null ? <span class="quiet">goes on</span> : <Duration ms={to - from} />,
            <Mark tone={tone} word={word} />,
            <Text of={said} />,
          ],
        }))}
      />
      {rows.length > most && <p class="quiet">and {rows.length - most} more, in the timeline.</p>}
    </section>
  );
}
