import { z } from 'zod';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { errors } from '../schemas/error.ts';

export function metricRoutes(app: ApiApp, deps: ServerDeps): void {
  const metrics = createMetrics(deps);

  app.addHook('onResponse', async (request, reply) => {
    // The pattern, never the path: a path is whatever somebody asks for.
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    metrics.observeRequest(
      { method: request.is404 ? 'any' : request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1_000,
    );
  });

  app.get('/metrics', {
    config: { permission: 'read' },
    schema: {
      operationId: 'metrics',
      summary: 'For Prometheus',
      tags: ['health'],
      response: { 200: { description: 'Prometheus’ text format', content: { 'text/plain': { schema: z.string() } } }, ...errors() },
    },
    handler: async (_request, reply) => reply.type(metrics.contentType).send(await metrics.scrape()),
  });
}
