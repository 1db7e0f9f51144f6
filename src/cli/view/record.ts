import { formatAmount } from '../../domain/amount.ts';
import { formatDuration } from '../../domain/duration.ts';
import { verdictTones } from '../../domain/verdict-tones.ts';
import type { Measurement, RunEvent, RunRecord, RunSummary, Verdict } from '../../domain/words.ts';
import type { Output } from '../output.ts';
import { showFindings } from './finding.ts';

export function verdictText(out: Output, verdict: Verdict | null): string {
  return verdict === null ? out.paint('strong', 'running') : out.paint(verdictTones[verdict], verdict);
}

/** A run for people: the verdict first, then what it stands on. */
export function showRecord(out: Output, record: RunRecord): void {
  out.line(`${verdictText(out, record.verdict)}  ${record.drill ?? record.kind}  ${out.paint('quiet', record.id)}`);
  if (record.reason !== '') out.line(`  ${record.reason}`);
  out.line(
    `  ${record.kind} on engine ${record.engine.name}${record.engine.version ? ` (Docker ${record.engine.version}, ${environmentText(record.engine.environment)})` : ''}, ${record.trigger} by ${record.actor}`,
  );
  out.line(
    `  ${utcTime(record.startedAt)}${record.durationMs === null ? '' : `, took ${formatDuration(record.durationMs)}`}${record.seed === '' ? '' : `, seed ${record.seed}`}`,
  );
  if (record.targets.length > 0) {
    out.line();
    out.table(
      ['TARGET', 'SERVICE', 'OUTCOME'],
      record.targets.map((target) => [
        target.name,
        target.service ?? '-',
        target.leftOut === null ? (target.outcome ?? '-') : out.paint('quiet', `left out: ${target.leftOut}`),
      ]),
    );
  }
  if (record.measurements.length > 0) {
    out.line();
    out.table(
      ['MEASUREMENT', 'TARGET', 'VALUE', 'OBJECTIVE'],
      record.measurements.map((measurement) => measurementRow(out, measurement)),
    );
  }
  showFindings(out, record.findings);
  for (const sentence of record.residue) out.line(out.paint('bad', `  left behind: ${sentence}`));
}

function measurementRow(out: Output, measurement: Measurement): string[] {
  const { objective, met } = measurement;
  const bound =
    objective === null
      ? ''
      : 'max' in objective
        ? `≤ ${formatAmount(objective.max, measurement.unit)}`
        : `≥ ${formatAmount(objective.min, measurement.unit)}`;
  const sign = met === null ? '' : met ? out.paint('good', ' met') : out.paint('bad', ' missed');
  return [measurement.name, measurement.target ?? '-', formatAmount(measurement.value, measurement.unit), `${bound}${sign}`];
}

export function summaryRow(out: Output, run: RunSummary): string[] {
  return [
    run.id,
    utcTime(run.startedAt),
    run.drill ?? run.kind,
    verdictText(out, run.verdict),
    run.durationMs === null ? '-' : formatDuration(run.durationMs),
    String(run.targetCount),
    run.trigger,
    run.reason,
  ];
}

export function eventLine({ at, type, target, message }: RunEvent): string {
  const named = target === null || message.startsWith(`${target} `) ? '' : `${target}: `;
  return `${at.slice(11, 23)}  ${type.padEnd(12)}  ${named}${message}`;
}

export function environmentText(environment: string | null | undefined): string {
  return environment ? `environment ${environment}` : 'no environment';
}

/** UTC, to the second: a run is read on other machines than the one that made it. */
export function utcTime(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)}Z`;
}
