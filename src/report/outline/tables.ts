import { formatAmount } from '../../domain/amount.ts';
import { formatDuration } from '../../domain/duration.ts';
import { verdictTones } from '../../domain/verdict-tones.ts';
import type { Held, MeasurementRow, Practised, RunRow } from '../schema.ts';
import { ageText, objectiveText, utc } from '../wording.ts';
import { type Block, type Cell, paragraph } from './blocks.ts';

/** `now`: null in a report on one run, of which all was asked at once. */
export function heldTable(held: readonly Held[], more: number, now: string | null): Block {
  const rows = held.map((one): readonly Cell[] => [
    { mark: 'good', text: one.ageing ? 'holds, ageing' : 'holds' },
    one.item,
    one.title,
    whereText(one),
    ...(now === null ? [] : [`${one.at.slice(0, 10)}, ${ageText(one.at, now)} ago`, one.expiresAt?.slice(0, 10) ?? '']),
  ]);
  return {
    type: 'table',
    head: ['', 'Question', 'What', 'Where', ...(now === null ? [] : ['Last asked', 'Proves nothing from'])],
    rows,
    more,
  };
}

export function measurementTable(measurements: readonly MeasurementRow[], more: number, isRun: boolean): Block {
  const rows = measurements.map((one): readonly Cell[] => {
    const { name, subject, target, drill, kind, value, unit, met, expired, period } = one;
    const state: Cell = expired
      ? { mark: 'unsure', text: 'met, too long ago' }
      : met === null
        ? { mark: 'quiet', text: '' }
        : met
          ? { mark: 'good', text: 'met' }
          : { mark: 'bad', text: 'missed' };
    const where = isRun ? (target ?? 'the run') : subject;
    const days =
      period === null
        ? ['', '']
        : [
            `${formatAmount(period.least, unit)} to ${formatAmount(period.most, unit)}, mean ${formatAmount(period.mean, unit)}`,
            period.judged === 0 ? 'not known' : `${period.missed} of ${period.judged}`,
          ];
    return [
      name.replaceAll('_', ' '),
      where,
      ...(isRun ? [] : [drill ?? kind]),
      formatAmount(value, unit),
      objectiveText(one),
      state,
      ...(isRun ? [] : days),
    ];
  });
  const head = isRun
    ? ['Measurement', 'Where', 'Value', 'Objective', '']
    : ['Measurement', 'Where', 'Drill', 'Last', 'Objective', '', 'In these days', 'Missed'];
  return { type: 'table', head, rows, more };
}

export function practisedBlocks(practised: readonly Practised[]): Block[] {
  if (practised.length === 0) return [paragraph('Nothing.')];
  const rows = practised.map(({ kind, drill, what, runs, verdicts, meanMs }): readonly Cell[] => [
    drill ?? 'on demand',
    kind,
    runs === 0 ? '' : String(runs),
    verdicts.map(({ verdict, n }) => `${n} ${verdict}`).join(', '),
    meanMs === null ? '' : formatDuration(meanMs),
    what,
  ]);
  return [{ type: 'table', head: ['Drill', 'Kind', 'Runs', 'Verdicts', 'Mean time', 'What it does'], rows }];
}

export function runTable(runs: readonly RunRow[], more: number): Block {
  const rows = runs.map(({ run, startedAt, drill, kind, verdict, durationMs, reason }): readonly Cell[] => [
    utc(startedAt),
    drill ?? kind,
    { mark: verdict === null ? 'quiet' : verdictTones[verdict], text: verdict ?? 'running' },
    durationMs === null ? '' : formatDuration(durationMs),
    reason,
    run,
  ]);
  return { type: 'table', head: ['Started', 'Drill', 'Verdict', 'Took', 'Reason', 'Run'], rows, more };
}

export function whereText({ subjects, moreSubjects }: Pick<Held, 'subjects' | 'moreSubjects'>): string {
  return `${subjects.join(', ')}${moreSubjects > 0 ? ` and ${moreSubjects} more` : ''}`;
}
