import { InvalidError } from '../domain/errors.ts';
import { inertJson } from '../domain/inert.ts';
import type { RunRecord } from '../domain/words.ts';
import { chaosToolkitJournal } from './chaostoolkit.ts';
import { chartsOf } from './charts.tsx';
import { csvFiles } from './csv-files.ts';
import type { ReportDeps } from './deps.ts';
import type { Format, ReportFile } from './formats.ts';
import { htmlReport } from './html.tsx';
import { markdownReport } from './markdown.ts';
import { periodReport } from './period-report.ts';
import { checksOf } from './run-method.ts';
import { runReport } from './run-report.ts';
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
  if (scope.type !== 'run') {
    if (wanted.includes('chaostoolkit'))
      throw new InvalidError('usage', 'the format chaostoolkit is a journal of one run, and this report is on some days', {
        hint: 'pitwall report RUN --format chaostoolkit',
      });
    if (scope.type === 'service' && deps.store.proofs.ofSubject(scope.service).length === 0)
      throw new InvalidError('unknown_service', `nothing was ever asked of a service "${scope.service}"`, {
        hint: 'pitwall scorecard lists the services',
      });
    const report = periodReport(scope, reportId(scope, at), at, deps);
    return { report, files: filesOf(report, wanted, null, deps) };
  }
  const record = deps.store.runs.record(scope.run);
  if (record === null) throw new InvalidError('unknown_run', `there is no run ${scope.run}`, { hint: 'pitwall runs' });
  const report = runReport(record, reportId({ type: 'run', run: record.id }, at), at, deps);
  return { report, files: filesOf(report, wanted, record, deps) };
}

function filesOf(report: Report, wanted: readonly Format[], record: RunRecord | null, deps: ReportDeps): Map<ReportFile, string> {
  const files = new Map<ReportFile, string>();
  if (wanted.includes('html')) files.set('report.html', htmlReport(report, chartsOf(record, deps)));
  if (wanted.includes('md')) files.set('report.md', markdownReport(report));
  if (wanted.includes('json')) files.set('report.json', inertJson(report));
  if (wanted.includes('csv')) for (const [name, text] of Object.entries(csvFiles(report))) files.set(name as ReportFile, text);
  if (wanted.includes('chaostoolkit') && record !== null) {
    const parts = { checks: checksOf(record, deps), events: deps.store.events.list(record.id), version: deps.version };
    files.set('journal.json', inertJson(chaosToolkitJournal(record, parts)));
  }
  return files;
}
