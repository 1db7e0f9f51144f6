import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { maxAlertBytes } from '../../forensics/falco/alert.ts';
import type { ApiApp } from '../api-app.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { errors } from '../schemas/error.ts';
import { sightings } from '../sightings.ts';

const answer = z.object({ noted: z.number().describe('In how many places of drills that go on') });

/** Of tools other than Falco: only ever evidence that something was noticed; nothing is frozen for it. */
export function alertRoutes(app: ApiApp, deps: ServerDeps): void {
  const seen = sightings(deps.store);
  app.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    url: '/webhooks/alerts',
    bodyLimit: maxAlertBytes,
    config: { permission: 'freeze', action: 'alert', credentials: 'webhook', recordsItself: true, scope: 'checked', rate: 'alerts' },
    schema: {
      operationId: 'noteAlert',
      summary: 'An alert of any tool, for detection drills: noted where its text holds the mark of a drill that goes on',
      tags: ['runs'],
      body: z.looseObject({}).describe('Any JSON object; its `rule`, `alertname`, `name` or `title` is taken for the rule’s name'),
      response: { 200: answer, ...errors(400, 413, 415) },
    },
    handler: async (request, reply) => {
      const { body } = request;
      const text = JSON.stringify(body);
      if (text === '{}') throw new HttpError(400, 'bad_alert', 'there is no alert in the body');
      const rule = [body.rule, body.alertname, body.name, body.title].find((name) => typeof name === 'string') ?? 'an alert without a name';
      return reply.send({ noted: seen.note(text, String(rule), callerOf(request)) });
    },
  });
}
