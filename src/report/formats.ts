import { InvalidError } from '../domain/errors.ts';

/** What a report can be written as. `csv` is three files, `chaostoolkit` a journal of one run. */
export const formats = ['html', 'md', 'json', 'csv', 'chaostoolkit'] as const;
export type Format = (typeof formats)[number];

/** The files of a report, and what is in them. */
export const reportFiles = {
  'report.html': 'text/html; charset=utf-8',
  'report.md': 'text/markdown; charset=utf-8',
  'report.json': 'application/json; charset=utf-8',
  'runs.csv': 'text/csv; charset=utf-8; header=present',
  'measurements.csv': 'text/csv; charset=utf-8; header=present',
  'findings.csv': 'text/csv; charset=utf-8; header=present',
  'journal.json': 'application/json; charset=utf-8',
} as const;
export type ReportFile = keyof typeof reportFiles;

/** @throws InvalidError `usage`; `name` is how it was asked for. */
export function formatsOf(text: string, name: string): readonly Format[] {
  const asked = [...new Set(text.split(',').map((one) => one.trim()))];
  const unknown = asked.find((one) => !formats.some((format) => format === one));
  if (unknown !== undefined)
    throw new InvalidError('usage', `${name}: "${unknown}" is no format`, { hint: `some of: ${formats.join(',')}` });
  return formats.filter((format) => asked.includes(format));
}
