import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import { createActs } from '../acts.ts';
import type { ApiApp } from '../api-app.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { createRemembered } from '../remembered.ts';
import { errors } from '../schemas/error.ts';
import { artifactName, drillName, noBody, runId, whenInQuery, wholeNumber, wholeRunId } from '../schemas/params.ts';
import { runRecord, runSummary, verdict } from '../schemas/run.ts';

const params = z.object({ id: runId });

const runPage = z.object({
  runs: z.array(runSummary).readonly(),
  next: z.string().nullable().describe('`before` of the next page; null on the last'),
});

const listQuery = (clock: Clock) =>
  z.strictObject({
    limit: wholeNumber(1, 200).optional().describe('Default 50, at most 200'),
    before: wholeRunId.optional().describe('Only runs older than this one: the last id of the page before'),
    drill: drillName.optional(),
    kind: z
      .string()
      .regex(/^[a-z-]{1,50}$/, 'expected a kind of drill')
      .optional(),
    verdict: verdict.optional(),
    since: whenInQuery(clock).optional().describe('Started then or later: a day, an instant, or how long ago'),
    until: whenInQuery(clock).optional().describe('Started before then'),
  });

export function runRoutes(app: ApiApp, deps: ServerDeps): void {
  const { store } = deps;
  const acts = createActs(deps);
  const remembered = createRemembered<Buffer>(store.control, deps.clock);
  const pageOf = ({ limit = 50, ...filter }: z.output<ReturnType<typeof listQuery>>): z.input<typeof runPage> => {
    // One more than asked tells whether there is another page.
    const found = store.runs.list({ ...filter, limit: limit + 1 });
    const runs = found.slice(0, limit);
    return { runs, next: found.length > limit ? (runs.at(-1)?.id ?? null) : null };
  };
  app.get('/api/v1/runs', {
    config: { permission: 'read' },
    schema: {
      operationId: 'listRuns',
      summary: 'Runs, newest first',
      tags: ['runs'],
      querystring: listQuery(deps.clock),
      response: {
        200: runPage,
        ...errors(),
      },
    },
    // Asked by every dashboard and script, and the same until something is written: made once, and sent as it is.
    handler: async (request, reply) => {
      const bytes = remembered.get(JSON.stringify(request.query), () => Buffer.from(JSON.stringify(runPage.parse(pageOf(request.query)))));
      return reply.type('application/json; charset=utf-8').send(bytes as never);
    },
  });

  app.get('/api/v1/runs/:id', {
    config: { permission: 'read' },
    schema: {
      operationId: 'getRun',
      summary: 'One run, whole',
      tags: ['runs'],
      params,
      response: { 200: runRecord, ...errors(404) },
    },
    handler: async (request) => {
      const run = store.runs.record(request.params.id);
      if (run === null) throw unknownRun(request.params.id);
      return run;
    },
  });

  app.get('/api/v1/runs/:id/artifacts/:name', {
    config: { permission: 'read' },
    schema: {
      operationId: 'getArtifact',
      summary: 'What a run recorded, as it was written',
      tags: ['runs'],
      params: z.object({ id: runId, name: artifactName }),
      response: { 200: { description: 'In its own media type', content: { '*/*': { schema: z.unknown() } } }, ...errors(404) },
    },
    handler: async (request, reply) => {
      const { id, name } = request.params;
      const artifact = store.runs.artifact(findRunId(store, id), name);
      if (artifact === null) throw new HttpError(404, 'unknown_artifact', `run ${id} has no artifact "${name}"`);
      return reply.type(artifact.mediaType).header('content-disposition', 'attachment').send(artifact.content);
    },
  });

  app.post('/api/v1/runs/:id/abort', {
    config: { permission: 'halt', action: 'abort', scope: 'checked' },
    schema: {
      operationId: 'abortRun',
      summary: 'Ask a run to put everything back and end',
      tags: ['runs'],
      params,
      body: noBody,
      response: {
        202: z.object({ id: z.string() }).describe('Asked; the run says itself when it has ended'),
        ...errors(404, 409, 413, 415),
      },
    },
    handler: async (request, reply) => {
      const id = findRunId(store, request.params.id);
      acts.abort(id, callerOf(request));
      return reply.code(202).send({ id });
    },
  });
}

/** @throws HttpError 404, InvalidError `run_ambiguous` for a beginning that several runs have. */
export function findRunId(store: ServerDeps['store'], id: string): string {
  const found = store.runs.resolve(id);
  if (found === null) throw unknownRun(id);
  return found;
}

function unknownRun(id: string): HttpError {
  return new HttpError(404, 'unknown_run', `there is no run "${id}"`, { hint: 'GET /api/v1/runs lists them' });
}
