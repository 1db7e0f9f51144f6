import { z } from 'zod';
import { InvalidError } from '../../domain/errors.ts';
import { reportPolicyOf } from '../../report/formats/html.tsx';
import { reportFiles } from '../../report/formats.ts';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { errors } from '../schemas/error.ts';
import { wholeNumber } from '../schemas/params.ts';
import { reportEntry, reportFile, reportId, reportPage, reportRequest } from '../schemas/report.ts';

export function reportRoutes(app: ApiApp, { reports }: ServerDeps): void {
  app.get('/api/v1/reports', {
    config: { permission: 'read' },
    schema: {
      operationId: 'listReports',
      summary: 'Reports that are kept, newest first',
      tags: ['reports'],
      querystring: z.strictObject({
        limit: wholeNumber(1, 200).optional().describe('Default 50, at most 200'),
        before: reportId.optional().describe('Only reports older than this one: the last id of the page before'),
      }),
      response: { 200: reportPage, ...errors() },
    },
    handler: async ({ query: { limit = 50, before } }) => reports.list({ limit, before }),
  });

  app.post('/api/v1/reports', {
    // Made of what may be read, so it is for every scope.
    config: { permission: 'report', action: 'report', scope: 'unlimited' },
    schema: {
      operationId: 'makeReport',
      summary: 'Make a report: on a run, on some days, or on a service; without anything on the last 30 days',
      tags: ['reports'],
      body: reportRequest.nullish(),
      response: { 201: reportEntry.describe('Location leads to it'), ...errors(404, 409, 413, 415) },
    },
    handler: async (request, reply) => {
      const made = await notFound(() => reports.make(request.body ?? {}));
      return reply.code(201).header('location', `/api/v1/reports/${made.id}`).send(made);
    },
  });

  app.get('/api/v1/reports/:id', {
    config: { permission: 'read' },
    schema: {
      operationId: 'getReport',
      summary: 'A file of a report, as it was written',
      tags: ['reports'],
      params: z.object({ id: reportId }),
      querystring: z.strictObject({
        file: reportFile.optional().describe('Default: report.json'),
        download: z.enum(['true', 'false']).optional().describe('true: to be kept as a file, not shown'),
      }),
      response: { 200: { description: 'In its own media type', content: { '*/*': { schema: z.unknown() } } }, ...errors(404) },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { file = 'report.json', download = 'false' } = request.query;
      const text = reports.read(id, file);
      if (text === null)
        throw new HttpError(404, 'unknown_report', `there is no ${file} of a report "${id}"`, { hint: 'GET /api/v1/reports lists them' });
      const name = `${id}-${file}`.replace('-report.', '.');
      if (file === 'report.html') reply.header('content-security-policy', `${reportPolicyOf(text)}; frame-ancestors 'none'; sandbox`);
      return reply
        .type(reportFiles[file])
        .header('content-disposition', `${download === 'true' || file !== 'report.html' ? 'attachment' : 'inline'}; filename="${name}"`)
        .send(text);
    },
  });
}

/** What is asked about and is not there is 404 here, and bad usage on a command line. */
export async function notFound<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidError && (error.code === 'unknown_run' || error.code === 'unknown_service'))
      throw new HttpError(404, error.code, error.message);
    throw error;
  }
}
