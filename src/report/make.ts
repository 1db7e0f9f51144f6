import { setImmediate } from 'node:timers/promises';
import { InvalidError } from '../domain/errors.ts';
import { inertJson } from '../domain/inert.ts';
import type { RunRecord } from '../domain/words.ts';
import type { ReportDeps } from './deps.ts';
import { chaosToolkitJournal } from './formats/chaostoolkit.ts';
import { chartsOf } from './formats/charts.tsx';
import { csvFiles } from './formats/csv-files.ts';
import { htmlReport } from './formats/html.tsx';
import { markdownReport } from './formats/markdown.ts';
import type { Format, ReportFile } from './formats.ts';
import { periodReport } from './period/report.ts';
import { checksOf } from './run/method.ts';
import { runReport } from './run/report.ts';
import type { Report, ReportScope } from './schema.ts';
import { reportId } from './scope.ts';

export interface Made {
  readonly report: Report;
  /** By name; in the order of `reportFiles`. */
  readonly files: ReadonlyMap<ReportFile, string>;
}

/**
 * A report and its files, nothing of it written yet. The same store and instant give the same bytes. `at`: UTC ms.
 *
 * @throws InvalidError `unknown_run`, `unknown_service`, `run_ambiguous`; `usage` for a format that the scope has not.
 */
export function makeReport(scope: ReportScope, wanted: readonly Format[], at: number, deps: ReportDeps): Made {
  const steps = stepsOf(scope, wanted, at, deps);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, letting others have their turn between the steps: for a process that has more to do. */
export async function makeReportInTurns(scope: ReportScope, wanted: readonly Format[], at: number, deps: ReportDeps): Promise<Made> {
  const steps = stepsOf(scope, wanted, at, deps);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await setImmediate();
  }
}

function* stepsOf(scope: ReportScope, wanted: readonly Format[], at: number, deps: ReportDeps): Generator<undefined, Made> {
  if (scope.type !== 'run') {
    if (wanted.includes('chaostoolkit'))
      throw new InvalidError('usage', 'the format chaostoolkit is a journal of one run, and this report is on some days', {
        hint: 'pitwall report RUN --format chaostoolkit',
      });
    if (scope.type === 'service' && deps.store.proofs.ofSubject(scope.service).length === 0)
      throw new InvalidError('unknown_service', `nothing was ever asked of a service "${scope.service}"`, {
        hint: 'pitwall scorecard lists the services',
      });
    const report = yield* periodReport(scope, reportId(scope, at), at, deps);
    return { report, files: yield* filesOf(report, wanted, null, deps) };
  }
  const record = deps.store.runs.record(scope.run);
  if (record === null) throw new InvalidError('unknown_run', `there is no run ${scope.run}`, { hint: 'pitwall runs' });
  const report = runReport(record, reportId({ type: 'run', run: record.id }, at), at, deps);
  return { report, files: yield* filesOf(report, wanted, record, deps) };
}

function* filesOf(
  report: Report,
  wanted: readonly Format[],
  record: RunRecord | null,
  deps: ReportDeps,
): Generator<undefined, Map<ReportFile, string>> {
  const files = new Map<ReportFile, string>();
  const charts = wanted.includes('html') ? chartsOf(record, deps) : undefined;
  const journal =
    wanted.includes('chaostoolkit') && record !== null
      ? { checks: checksOf(record, deps), events: deps.store.events.list(record.id), version: deps.version }
      : null;
  yield;
  if (wanted.includes('html')) files.set('report.html', htmlReport(report, charts));
  yield;
  if (wanted.includes('md')) files.set('report.md', markdownReport(report));
  yield;
  if (wanted.includes('json')) files.set('report.json', inertJson(report));
  yield;
  if (wanted.includes('csv')) for (const [name, text] of Object.entries(csvFiles(report))) files.set(name as ReportFile, text);
  if (journal !== null && record !== null) files.set('journal.json', inertJson(chaosToolkitJournal(record, journal)));
  return files;
}
