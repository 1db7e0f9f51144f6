import { z } from 'zod';
import { type ReportFile, reportFiles } from '../../report/formats.ts';
import type { ReportEntry } from '../../report/library.ts';
import { reportIdPattern } from '../../report/scope.ts';
import { runId } from './params.ts';

export const reportId = z.string().regex(reportIdPattern, 'expected a report’s id').describe('A report’s id');

export const reportFile = z
  .enum(Object.keys(reportFiles) as [ReportFile, ...ReportFile[]])
  .describe('journal.json, of the Chaos Toolkit, only of an ended run');

export const reportEntry: z.ZodType<ReportEntry> = z.object({
  id: z.string(),
  title: z.string().nullable().describe('Null where the report was written without its JSON'),
  at: z.string().nullable().describe('UTC, ISO 8601'),
  files: z.array(reportFile).readonly(),
});

export const reportPage = z.object({
  reports: z.array(reportEntry).readonly(),
  next: z.string().nullable().describe('`before` of the next page; null on the last'),
});

const day = z.iso.date({ error: 'expected a day such as 2026-01-31' });

/** What a report is on; the rest is said by `scopeOf`. */
export const reportRequest = z.strictObject({
  run: runId.optional().describe('On this run'),
  since: z.string().min(2).max(64).optional().describe('On so many days up to today: 30d, which is the default'),
  from: day.optional().describe('On the days from this one on, UTC'),
  until: day.optional().describe('Up to and with this day; default today'),
  service: z.string().min(1).max(255).optional().describe('On this service alone'),
});
