import { h } from 'preact';
import { z } from 'zod';
import { ReportsPage } from '../../web/pages/reports.tsx';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { notFound } from '../routes/reports.ts';
import { reportId, reportRequest } from '../schemas/report.ts';
import type { Pages } from './pages.ts';
import { readQuery } from './query.ts';

const perPage = 50;

const askedSchema = z.object({
  run: z
    .string()
    .regex(/^[0-9A-Za-z]{0,26}$/)
    .default(''),
  service: z.string().max(255).default(''),
  before: z.union([z.literal(''), reportId]).default(''),
});

export function reportsPages(pages: Pages, { reports }: ServerDeps): void {
  pages.page('/reports', 'read', (request, { now, reader }) => {
    const asked = readQuery(request, askedSchema);
    const page = reports.list({ limit: perPage, before: asked.before || undefined });
    return { title: 'Reports', body: h(ReportsPage, { now, reader, asked, ...page }) };
  });

  pages.form(
    '/reports',
    'report',
    'report',
    async (_request, fields) => {
      const filled = Object.entries(fields).filter(([, value]) => value.trim() !== '');
      const read = reportRequest.safeParse(Object.fromEntries(filled));
      if (read.success) return `/reports#${(await notFound(() => reports.make(read.data))).id}`;
      const [issue] = read.error.issues;
      throw new HttpError(400, 'invalid_request', `${issue?.path.join('.') || 'something'} in the form: ${issue?.message ?? 'not valid'}`);
    },
    { scope: 'unlimited' },
  );
}
