import { z } from 'zod';
import { instant } from '../../domain/clock.ts';
import type { ApiApp } from '../api-app.ts';
import { nameOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { errors } from '../schemas/error.ts';
import { noBody } from '../schemas/params.ts';

const haltState = z.object({
  halted: z.boolean(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
  at: z.string().nullable().describe('UTC, ISO 8601'),
});

export function haltRoutes(app: ApiApp, { store }: ServerDeps): void {
  const state = () => {
    const halt = store.control.halted();
    return halt === null
      ? { halted: false, by: null, reason: null, at: null }
      : { halted: true, by: halt.by, reason: halt.reason, at: instant(halt.at) };
  };

  app.get('/api/v1/halt', {
    config: { permission: 'read' },
    schema: {
      operationId: 'getHalt',
      summary: 'Whether new runs are blocked',
      tags: ['control'],
      response: { 200: haltState, ...errors() },
    },
    handler: async () => state(),
  });

  app.post('/api/v1/halt', {
    // Stopping is the safe side: whoever may, may stop all of it.
    config: { permission: 'halt', action: 'halt', scope: 'unlimited' },
    schema: {
      operationId: 'halt',
      summary: 'Abort every run, with its undo, and block new ones until unhalt',
      tags: ['control'],
      // Optional: an emergency is no time to be refused for a missing sentence.
      body: z.strictObject({ reason: z.string().trim().min(1).max(500).optional() }).nullish(),
      response: { 200: haltState, ...errors(413, 415) },
    },
    handler: async (request) => {
      store.control.halt(nameOf(request), request.body?.reason ?? 'no reason given');
      return state();
    },
  });

  app.post('/api/v1/unhalt', {
    config: { permission: 'run', action: 'unhalt' },
    schema: {
      operationId: 'unhalt',
      summary: 'Let new runs start again',
      tags: ['control'],
      body: noBody,
      response: { 200: haltState, ...errors(413, 415) },
    },
    handler: async (request) => {
      store.control.unhalt(nameOf(request));
      return state();
    },
  });
}
