/** The reports of a running server: made when asked for, kept in Pitwall's home. */
import type { Clock } from '../domain/clock.ts';
import type { ReportDeps } from '../report/deps.ts';
import type { Format, ReportFile } from '../report/formats.ts';
import { listReports, type ReportEntry, type ReportPage, readReport, shelve } from '../report/library.ts';
import { makeReportInTurns } from '../report/make.ts';
import { type ScopeRequest, scopeOf } from '../report/scope.ts';

export interface Reports {
  /** A page of them; `before`: the last id of the page before. */
  list(asked: { readonly limit: number; readonly before?: string | undefined }): ReportPage;
  /** @throws InvalidError for what is no scope, an unknown run or service; RefusedError `reports_full`. */
  make(request: ScopeRequest): Promise<ReportEntry>;
  /** Null when there is no such report, or it has not that file. */
  read(id: string, file: ReportFile): string | null;
}

/** Of a run all of them; the last is of a run alone, and of an ended one. */
const all: readonly Format[] = ['html', 'md', 'json', 'csv'];

const names = { run: 'run', since: 'since', from: 'from', until: 'until', service: 'service' } as const;

export function createReports(library: string, deps: ReportDeps, clock: Pick<Clock, 'now'>): Reports {
  return {
    list: (asked) => listReports(library, asked),
    async make(request) {
      const now = clock.now();
      const scope = scopeOf(request, now, names);
      const ended = scope.type === 'run' && deps.store.runs.record(scope.run)?.endedAt != null;
      const made = await makeReportInTurns(scope, ended ? [...all, 'chaostoolkit'] : all, now, deps);
      const { title, at } = made.report;
      return { id: shelve(library, made), title, at, files: [...made.files.keys()] };
    },
    read: (id, file) => readReport(library, id, file),
  };
}
