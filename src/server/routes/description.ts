import { z } from 'zod';
import type { ApiApp } from '../api-app.ts';
import { errors } from '../schemas/error.ts';

export function descriptionRoutes(app: ApiApp): void {
  app.get('/openapi.json', {
    config: { permission: 'read' },
    schema: {
      operationId: 'describe',
      summary: 'This description, OpenAPI 3.1',
      tags: ['health'],
      response: { 200: z.record(z.string(), z.unknown()), ...errors() },
    },
    handler: async () => ({ ...app.swagger() }),
  });
}
