import { z } from 'zod';
import { catalogue } from '../../probes/catalogue.ts';
import { explain } from '../../probes/explain.ts';
import type { ApiApp } from '../api-app.ts';
import { errors } from '../schemas/error.ts';

const probe = z.object({
  id: z.string().describe('Never changes'),
  group: z.enum(['privilege', 'filesystem', 'network', 'resources', 'secrets', 'image']),
  title: z.string().describe('What holds when it holds'),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  safety: z.enum(['read-only', 'dummy-only', 'stays-on-host', 'may-leave-host']),
  attempt: z.string(),
  reading: z.string().describe('How its answer is read'),
  control: z.string().describe('What shows that the attempt could have worked'),
  alone: z.enum(['pids', 'memory', 'cpu']).nullable().describe('The limit that it tries, in a dummy of its own'),
  selfTest: z
    .object({
      weakDummy: z.string().nullable(),
      how: z.enum(['run', 'declared']).nullable(),
      reachesHost: z.boolean().describe('Planted only with selfTest: full'),
      reason: z.string().nullable().describe('Why no weakness is planted'),
    })
    .describe('Where it must be broken'),
  cis: z.object({ version: z.string(), id: z.string() }).nullable().describe('Of the CIS Docker Benchmark'),
  attack: z.array(z.string()).readonly().describe('Techniques of ATT&CK'),
  commands: z
    .array(z.object({ step: z.string(), command: z.string() }))
    .readonly()
    .describe('As run in a dummy of a plain container'),
});

export function probeRoutes(app: ApiApp): void {
  app.get('/api/v1/probes', {
    config: { permission: 'read' },
    schema: {
      operationId: 'listProbes',
      summary: 'The catalogue of probes, as `pitwall probes` lists and explains them',
      tags: ['probes'],
      response: { 200: z.object({ probes: z.array(probe).readonly() }), ...errors() },
    },
    handler: async () => ({ probes: catalogue.map(explain) }),
  });
}
