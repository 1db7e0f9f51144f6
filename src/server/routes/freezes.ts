import { z } from 'zod';
import { createActs } from '../acts.ts';
import type { ApiApp } from '../api-app.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { errors } from '../schemas/error.ts';
import { evidenceId, hold } from '../schemas/evidence.ts';
import { freezeBody, leaseBody, releaseBody } from '../schemas/freeze.ts';
import { findCase } from './evidence.ts';

const params = z.object({ id: evidenceId });
/** A replacement has to become healthy first. */
const releaseMs = 10 * 60_000;

export function freezeRoutes(app: ApiApp, deps: ServerDeps): void {
  const { store, clock } = deps;
  const acts = createActs(deps);
  app.get('/api/v1/freezes', {
    config: { permission: 'read' },
    schema: {
      operationId: 'listFreezes',
      summary: 'Containers that are held frozen now, the next deadline first',
      tags: ['freezes'],
      response: {
        200: z.object({ freezes: z.array(z.intersection(hold, z.object({ overdue: z.boolean() }))).readonly() }),
        ...errors(),
      },
    },
    handler: async () => ({ freezes: store.holds.current().map((held) => ({ ...held, overdue: held.deadline <= clock.now() })) }),
  });

  app.post('/api/v1/freezes', {
    config: { permission: 'freeze', action: 'freeze', scope: 'checked' },
    schema: {
      operationId: 'freeze',
      summary: 'Stop containers dead and keep disk and memory as evidence; goes on after the answer',
      tags: ['freezes', 'runs'],
      body: freezeBody,
      response: {
        202: z.object({ id: z.string().describe('The run’s') }).describe('Accepted; Location leads to the run'),
        ...errors(404, 409, 413, 415, 502),
      },
    },
    handler: async (request, reply) => {
      const { id } = await acts.freeze(request.body, callerOf(request));
      return reply.code(202).header('location', `/api/v1/runs/${id}`).send({ id });
    },
  });

  app.post('/api/v1/freezes/:id/release', {
    config: { permission: 'freeze', action: 'release', scope: 'checked' },
    handlerTimeout: releaseMs,
    schema: {
      operationId: 'releaseFreeze',
      summary: 'Move a held container on; its evidence stays',
      tags: ['freezes'],
      params,
      body: releaseBody,
      response: { 200: z.object({ outcome: z.string().describe('What became of it') }), ...errors(404, 409, 413, 415, 502) },
    },
    handler: async (request) => {
      const { outcome } = await acts.release(findCase(store, request.params.id).id, request.body.to, callerOf(request));
      return { outcome };
    },
  });

  app.post('/api/v1/freezes/:id/lease', {
    config: { permission: 'freeze', action: 'hold', scope: 'checked' },
    schema: {
      operationId: 'holdFreeze',
      summary: 'Hold a frozen container for longer, or for less long',
      tags: ['freezes'],
      params,
      body: leaseBody,
      response: { 200: hold, ...errors(404, 409, 413, 415) },
    },
    handler: async (request) => acts.lease(findCase(store, request.params.id).id, request.body.lease, callerOf(request)),
  });
}
