import { z } from 'zod';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { errors } from '../schemas/error.ts';

const readiness = z.object({
  ok: z.boolean(),
  checks: z
    .array(
      z.object({
        kind: z.enum(['engine', 'database', 'disk', 'catalogue', 'scheduler']),
        name: z.string(),
        ok: z.boolean(),
        message: z.string(),
      }),
    )
    .readonly()
    .describe('Empty for who is neither on this machine nor has a token'),
});

export function healthRoutes(app: ApiApp, { ready }: ServerDeps): void {
  app.get('/healthz', {
    // Probes of orchestrators like to ask with HEAD.
    exposeHeadRoute: true,
    config: { permission: 'nothing' },
    schema: {
      operationId: 'live',
      summary: 'Whether the process answers',
      tags: ['health'],
      response: { 200: z.object({ ok: z.literal(true) }), ...errors() },
    },
    handler: async () => ({ ok: true as const }),
  });

  app.get('/readyz', {
    exposeHeadRoute: true,
    config: { permission: 'nothing' },
    schema: {
      operationId: 'ready',
      summary: 'Whether it can run drills: database, disk, engines, scheduler; a drill file that cannot be read is only named',
      tags: ['health'],
      response: { 200: readiness, ...errors(), 503: z.union([readiness, errors()[503]]).describe('Not ready') },
    },
    handler: async (request, reply) => {
      const { ok, checks } = await ready();
      return reply.code(ok ? 200 : 503).send({ ok, checks: request.caller === null ? [] : checks });
    },
  });
}
