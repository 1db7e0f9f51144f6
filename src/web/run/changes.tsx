import { formatDuration } from '../../domain/duration.ts';
import type { ChangeState } from '../../domain/journal.ts';
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

const most = 200;

export function Changes({ changes }: { readonly changes: readonly ChangeView[] }) {
  if (changes.length === 0) return null;
  return (
    <section>
      <h2>What was done, and its undo</h2>
      <Table
        caption="Changes, each with its undo"
        head={['What', 'Target', { label: 'From', numeric: true }, { label: 'For', numeric: true }, 'State', 'Note']}
        rows={changes.slice(0, most).map(({ kind, target, note, step, from, to, state }) => ({
          cells: [
            <Text of={kind} />,
            <Text of={target} />,
            <span class="num">+{formatDuration(from)}</span>,
            to === null ? <span class="quiet">goes on</span> : <Duration ms={to - from} />,
            <Mark tone={states[state][0]} word={states[state][1]} />,
            <Text of={note ?? (step === null ? '' : `last step: ${step}`)} />,
          ],
        }))}
      />
      {changes.length > most && <p class="quiet">and {changes.length - most} more, in the timeline.</p>}
    </section>
  );
}
