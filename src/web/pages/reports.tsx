import type { ReportEntry } from '../../report/library.ts';
import type { Reader } from '../frame.ts';
import { Empty } from '../parts/empty.tsx';
import { Form, Otherwise } from '../parts/form.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';

export interface ReportsPageProps {
  readonly now: number;
  readonly reader: Reader | null;
  readonly reports: readonly ReportEntry[];
  /** `before` of the older ones; null where there are none. */
  readonly next: string | null;
  /** What a link asked for: the forms begin with `run` and `service`, the list below `before`. Empty for nothing. */
  readonly asked: { readonly run: string; readonly service: string; readonly before: string };
}

export function ReportsPage({ now, reader, reports, next, asked }: ReportsPageProps) {
  return (
    <>
      <h1>Reports</h1>
      <p>
        What was practised, what held, what did not, and what to do about it: for somebody who was not there. Each is one file that needs
        nothing else.
      </p>
      <div class="report-forms">
        <Form action="/reports" permission="report" reader={reader} id="report-days">
          <h2>On some days</h2>
          <label>
            From <input type="date" name="from" />
          </label>
          <label>
            Up to <input type="date" name="until" />
          </label>
          <label>
            Service <input name="service" value={asked.service} placeholder="all" maxLength={255} />
          </label>
          <button type="submit">Make the report</button>
          <p class="quiet">Without days: the last 30, today included. Days are UTC.</p>
        </Form>
        <Form action="/reports" permission="report" reader={reader} id="report-run">
          <h2>On one run</h2>
          <label>
            Run <input name="run" value={asked.run} required minLength={4} maxLength={26} class="mono" />
          </label>
          <button type="submit">Make the report</button>
        </Form>
      </div>
      <Otherwise permission="report" reader={reader} path="/reports" />
      <h2>Kept</h2>
      {reports.length === 0 ? (
        <Empty>{asked.before === '' ? 'No report is kept yet. Make one here, or by: pitwall report' : 'No older report is kept.'}</Empty>
      ) : (
        <Table
          caption="Reports, newest first"
          head={['Report', 'Made', 'Open', 'Download']}
          rows={reports.map((report) => rowOf(report, now))}
        />
      )}
      <nav class="pager" aria-label="Pages of reports">
        {asked.before !== '' && <a href="/reports">Newest</a>}
        {next !== null && (
          <a href={`/reports?before=${next}`} rel="next">
            Older
          </a>
        )}
      </nav>
    </>
  );
}

const words = {
  'report.html': 'HTML',
  'report.md': 'Markdown',
  'report.json': 'JSON',
  'runs.csv': 'runs (CSV)',
  'measurements.csv': 'measurements (CSV)',
  'findings.csv': 'findings (CSV)',
  'journal.json': 'Chaos Toolkit journal',
} as const;

function rowOf({ id, title, at, files }: ReportEntry, now: number) {
  const href = (file: string) => `/api/v1/reports/${id}?file=${file}`;
  const about = title ?? id;
  return {
    id,
    cells: [
      <Text of={about} />,
      at === null ? <span class="quiet">unknown</span> : <Time at={at} now={now} />,
      files.includes('report.html') ? (
        <a href={href('report.html')} aria-label={`Open ${id}`}>
          Open
        </a>
      ) : (
        ''
      ),
      <ul class="report-files">
        {files.map((file) => (
          <li>
            <a href={`${href(file)}&download=true`}>{words[file]}</a>
          </li>
        ))}
      </ul>,
    ],
  };
}
