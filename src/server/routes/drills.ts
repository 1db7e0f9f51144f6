import { z } from 'zod';
import { instant } from '../../domain/clock.ts';
import type { Drill } from '../../domain/drill.ts';
import type { RunSummary } from '../../domain/words.ts';
import { createActs } from '../acts.ts';
import type { ApiApp } from '../api-app.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { drillDetail, drillList } from '../schemas/drill.ts';
import { errors } from '../schemas/error.ts';
import { drillName, runId } from '../schemas/params.ts';

const params = z.object({ name: drillName });

export function drillRoutes(app: ApiApp, deps: ServerDeps): void {
  const { store } = deps;
  const acts = createActs(deps);

  app.get('/api/v1/drills', {
    config: { permission: 'read' },
    schema: {
      operationId: 'listDrills',
      summary: 'The catalogue: every drill with its schedule, its next runs and its last one',
      tags: ['drills'],
      response: { 200: drillList, ...errors() },
    },
    handler: async () => {
      const { drills, problems } = deps.catalogue();
      const last = store.runs.lastByDrill();
      return { drills: drills.map((drill) => summaryOf(drill, deps, last.get(drill.name) ?? null)), problems };
    },
  });

  app.get('/api/v1/drills/:name', {
    config: { permission: 'read' },
    schema: {
      operationId: 'getDrill',
      summary: 'One drill, as its file says',
      tags: ['drills'],
      params,
      response: { 200: drillDetail, ...errors(404) },
    },
    handler: async (request) => {
      const drill = find(deps, request.params.name);
      const { targets, safety, steadyState, params, objectives } = drill;
      const last = store.runs.lastByDrill().get(drill.name) ?? null;
      return {
        ...summaryOf(drill, deps, last),
        targets: { ...targets },
        safety: { ...safety },
        steadyState: steadyState.map((check) => ({ ...check })),
        params,
        objectives,
      };
    },
  });

  app.get('/api/v1/drills/:name/plan', {
    config: { permission: 'read' },
    schema: {
      operationId: 'planDrill',
      summary: 'The exact targets, order and actions that a run would have now; changes nothing',
      tags: ['drills'],
      params,
      response: { 200: z.unknown().describe('The same as `pitwall plan --json`'), ...errors(404, 409, 502) },
    },
    handler: async (request) => deps.plan(find(deps, request.params.name).name),
  });

  app.post('/api/v1/drills/:name/runs', {
    config: { permission: 'run', action: 'run', scope: 'checked' },
    schema: {
      operationId: 'startRun',
      summary: 'Start a run; it goes on after the answer',
      tags: ['drills', 'runs'],
      params,
      body: startBody.nullish(),
      response: { 202: z.object({ id: z.string() }).describe('Accepted; Location leads to the run'), ...errors(404, 409, 413, 415, 502) },
    },
    handler: async (request, reply) => {
      const drill = find(deps, request.params.name);
      const { id } = await acts.run(drill.name, callerOf(request), { ...request.body });
      return reply.code(202).header('location', `/api/v1/runs/${id}`).send({ id });
    },
  });
}

const startBody = z.strictObject({
  seed: z.string().min(1).max(100).optional().describe('Default: that of the replayed run, else a new one; recorded with the run'),
  replay: runId.optional().describe('A run of this drill: the same targets are picked, on the same engine; refused when one is missing'),
});

function find({ catalogue }: ServerDeps, name: string): Drill {
  const drill = catalogue().drills.find((candidate) => candidate.name === name);
  if (drill === undefined)
    throw new HttpError(404, 'unknown_drill', `there is no drill "${name}"`, { hint: 'GET /api/v1/drills lists them' });
  return drill;
}

function summaryOf(drill: Drill, { nextRuns }: ServerDeps, lastRun: RunSummary | null) {
  const { name, kind, description, schedule, environments, source } = drill;
  return {
    name,
    kind,
    description,
    schedule,
    environments,
    nextRuns: schedule === null ? [] : nextRuns(drill, 5).map(instant),
    lastRun,
    source: { file: source.file, line: source.line, definition: source.definition },
  };
}
