import { Sparkline } from '../../chart/sparkline.tsx';
import { visible } from '../../domain/inert.ts';
import type { WallCell, WallObjective } from '../../scorecard/wall.ts';
import { Mark, type Tone } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { instantText } from '../parts/time.tsx';
import { objectiveText, valueText } from '../parts/value.tsx';

/** One service and one measure: its last time or its worst finding, best, objective, trend, and how long ago it was practised. */
export function WallCellView({ cell }: { readonly cell: WallCell | null }) {
  if (cell === null) {
    return (
      <td class="cell">
        <Mark tone="quiet" word="never" />
      </td>
    );
  }
  const { tone, word } = lookOf(cell);
  const { worst, objective, counts } = cell;
  return (
    <td class={`cell ${tone}-ground`}>
      <a class="main" href={`/runs/${worst?.runId ?? cell.runId}`}>
        <Mark tone={tone} word={objective === null || worst !== null ? word : valueText(objective.last, objective.unit)} />
        {objective !== null && worst === null && <span class="unseen"> {word}</span>}
      </a>
      {worst !== null && (
        <span class="wrap" title={visible(worst.title)}>
          <Text of={worst.item} /> {worst.severity}
        </span>
      )}
      {objective !== null && <Objective of={objective} tone={tone} main={worst === null} />}
      <span class="quiet line">
        <span title={`last practised ${instantText(cell.at)}`}>{cell.days === 0 ? 'today' : `${cell.days} d`}</span>
        {cell.freshness !== 'fresh' && <span class="unsure"> {cell.freshness}</span>}
        {' · '}
        <span class="num" title={countsText(cell)}>
          {counts.holds}/{counts.holds + counts.broken + counts.inconclusive + counts.expired + counts.waived}
          <span class="unseen"> {countsText(cell)}</span>
        </span>
      </span>
    </td>
  );
}

function Objective({ of, tone, main }: { readonly of: WallObjective; readonly tone: Tone; readonly main: boolean }) {
  const { unit, bound, recent } = of;
  const values = recent.map(({ value }) => value);
  const told = values.map((value) => valueText(value, unit)).join(', ');
  const limit = bound === null ? null : 'max' in bound ? bound.max : bound.min;
  return (
    <span class="line quiet" title={visible(of.name)}>
      <span class={`trend ${tone}`}>
        <Sparkline values={values} bound={limit} label={`${visible(of.name)}, oldest first: ${told}`} width={48} height={14} />
      </span>
      {!main && <span class="num">{valueText(of.last, unit)}</span>}
      <span>
        best <span class="num">{valueText(of.best, unit)}</span>
      </span>
      {bound !== null && (
        <span title={objectiveText(bound, unit)}>
          {'max' in bound ? '\u2264' : '\u2265'} <span class="num">{valueText(limit ?? 0, unit)}</span>
        </span>
      )}
    </span>
  );
}

/** The worst that is to be said of it; only what is fresh and holds can be the best. */
function lookOf({ state, freshness, objective }: WallCell): { readonly tone: Tone; readonly word: string } {
  if (state === 'broken') return { tone: 'bad', word: objective?.met === false ? 'missed' : 'broken' };
  if (state === 'inconclusive') return { tone: 'unsure', word: 'inconclusive' };
  if (freshness === 'expired') return { tone: 'unsure', word: 'expired' };
  if (state === 'waived') return { tone: 'unsure', word: 'waived' };
  if (freshness === 'ageing') return { tone: 'unsure', word: 'ageing' };
  if (objective !== null && objective.met === true && objective.recent.length > 1 && objective.last === objective.best) {
    return { tone: 'best', word: 'best ever' };
  }
  return { tone: 'good', word: 'holds' };
}

function countsText({ counts }: WallCell): string {
  return Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([what, n]) => `${n} ${what}`)
    .join(', ');
}
