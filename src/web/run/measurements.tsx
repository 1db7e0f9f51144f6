import type { Measurement, ObjectiveBound } from '../../domain/words.ts';
import { State } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { objectiveText, Value } from '../parts/value.tsx';

/** Further ones are in the record. */
const most = 200;

/** Against their objectives, what missed first. */
export function Measurements({ measurements }: { readonly measurements: readonly Measurement[] }) {
  if (measurements.length === 0) return null;
  const sorted = measurements.toSorted((a, b) => rank(a) - rank(b));
  return (
    <section>
      <h2>Measured</h2>
      <Table
        caption="Measurements against their objectives"
        head={['Measurement', 'Target', { label: 'Value', numeric: true }, 'Objective', 'Against it', '']}
        rows={sorted.slice(0, most).map(({ name, target, value, unit, objective, met }) => ({
          cells: [
            <Text of={name} />,
            target === null ? <span class="quiet">the run</span> : <Text of={target} />,
            <Value value={value} unit={unit} />,
            objective === null ? <span class="quiet">none</span> : objectiveText(objective, unit),
            objective === null ? null : <Gauge value={value} objective={objective} met={met} />,
            met === null ? null : <State is={met ? 'met' : 'missed'} />,
          ],
        }))}
      />
      {sorted.length > most && <p class="quiet">and {sorted.length - most} more, all met or without an objective that was missed above.</p>}
    </section>
  );
}

function rank({ objective, met }: Measurement): number {
  if (met === false) return 0;
  return objective === null ? 2 : 1;
}

const width = 120;

/** How far from its bound, drawn and in a figure. */
function Gauge({ value, objective, met }: { readonly value: number; readonly objective: ObjectiveBound; readonly met: boolean | null }) {
  const bound = 'max' in objective ? objective.max : objective.min;
  const end = Math.max(value, bound, 0) * 1.15 || 1;
  const x = (at: number) => Math.round((Math.max(0, at) / end) * width * 10) / 10;
  return (
    <span class="gauge">
      <svg viewBox={`0 0 ${width} 10`} width={width} height={10} aria-hidden="true">
        <rect class="gauge-ground" x={0} y={2} width={width} height={6} />
        <rect class={met === false ? 'gauge-bad' : 'gauge-good'} x={0} y={2} width={x(value)} height={6} />
        <line class="gauge-bound" x1={x(bound)} x2={x(bound)} y1={0} y2={10} />
      </svg>{' '}
      <span class="num">{shareText(value, bound)}</span>
    </span>
  );
}

function shareText(value: number, bound: number): string {
  if (bound === 0) return value === 0 ? 'none' : 'over';
  const share = value / bound;
  return share < 10 ? `${Math.round(share * 100)}%` : `${Math.round(share)}×`;
}
