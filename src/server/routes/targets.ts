import { z } from 'zod';
import { instant } from '../../domain/clock.ts';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { errors } from '../schemas/error.ts';

const target = z.object({
  engine: z.string(),
  environment: z.string().nullable(),
  id: z.string(),
  name: z.string(),
  image: z.string(),
  service: z.string().nullable(),
  project: z.string().nullable(),
  status: z.string(),
  createdAt: z.string().describe('UTC, ISO 8601'),
  kinds: z.array(z.string()).readonly().describe('Kinds of drill that may touch it'),
  leftOut: z.string().nullable().describe('Why no drill may touch it'),
  skipped: z.boolean().describe('It asks to be left alone: a freeze must be forced'),
  protectedBy: z.string().nullable().describe('Why nothing may touch it, a freeze included'),
  limit: z
    .object({
      drill: z.string(),
      ms: z.number().describe('The age at which it falls due'),
      of: z.enum(['container', 'processes']).describe('What the age is of'),
    })
    .nullable()
    .describe('Of the reverse-uptime drill of the catalogue that asks the most of it'),
});

export function targetRoutes(app: ApiApp, deps: ServerDeps): void {
  app.get('/api/v1/targets', {
    config: { permission: 'read' },
    schema: {
      operationId: 'listTargets',
      summary: 'Running containers, and which drills may touch them',
      tags: ['targets'],
      response: { 200: z.object({ targets: z.array(target).readonly() }), ...errors(502) },
    },
    handler: async () => ({ targets: (await deps.targets()).map((view) => ({ ...view, createdAt: instant(view.createdAt) })) }),
  });
}
