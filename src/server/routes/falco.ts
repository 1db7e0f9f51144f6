import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { maxAlertBytes, parseAlert } from '../../forensics/falco/alert.ts';
import { alertReceiver } from '../../forensics/falco/receive.ts';
import { plainAddress } from '../allowed-hosts.ts';
import type { ApiApp } from '../api-app.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { errors } from '../schemas/error.ts';
import { sightings } from '../sightings.ts';

/** For the description; what is taken is decided by `parseAlert`. */
const alertBody = z.looseObject({
  rule: z.string(),
  priority: z.string().meta({ description: 'In any case', examples: ['Warning', 'Critical'] }),
  output: z.string().optional(),
  output_fields: z.record(z.string(), z.unknown()).optional().describe('container.id and container.name are looked at'),
});

const answer = z.object({
  decision: z.enum(['freeze', 'ignored', 'duplicate', 'refused']),
  reason: z.string(),
  container: z.string().optional(),
  run: z.string().nullable().optional().describe('The run’s id; null when it has not begun within a second'),
});

export function falcoRoutes(app: ApiApp, deps: ServerDeps): void {
  const { alerts, audit, clock, log, store, freezes } = deps;
  const seen = sightings(store);
  const receive = alertReceiver({
    ...alerts,
    holds: store.holds,
    audit,
    clock,
    start: (order, who) => freezes.start(order, who),
    onFailure: (error) => log.error({ err: error }, 'a freeze that an alert asked for could not begin'),
  });

  void app.register(async (scope) => {
    // The bytes as they came: they are evidence, and hold numbers that JSON.parse would round.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    scope.withTypeProvider<ZodTypeProvider>().route({
      method: 'POST',
      url: '/webhooks/falco',
      bodyLimit: maxAlertBytes,
      config: { permission: 'freeze', action: 'falco', credentials: 'webhook', recordsItself: true, scope: 'checked', rate: 'alerts' },
      schema: {
        operationId: 'receiveAlert',
        summary: 'An alert of Falco or falcosidekick; freezes its container where policy.freeze and the container allow it',
        description: 'The token may also be the password of HTTP basic, or stand in the path: /webhooks/falco/TOKEN.',
        tags: ['freezes'],
        body: alertBody,
        response: {
          200: answer.describe('Nothing is frozen; why not'),
          202: answer.describe('The freeze goes on'),
          ...errors(409, 413, 415, 502),
        },
      },
      validatorCompiler: () => (value) => ({ value }),
      handler: async (request, reply) => {
        const alert = parseAlert(textOf(request.body));
        const sender = callerOf(request);
        try {
          seen.note(alert.raw, alert.rule, sender);
        } catch (error) {
          // a freeze is not to wait for a drill's record
          log.error({ err: error }, 'an alert could not be noted in the drill that it belongs to');
        }
        const source = `api ${plainAddress(request.raw.socket.remoteAddress ?? '')}`;
        const decided = await receive(alert, { ...sender, source });
        return reply.code(decided.decision === 'freeze' ? 202 : 200).send(decided);
      },
    });
  });
}

function textOf(body: unknown): string {
  if (!Buffer.isBuffer(body)) throw new HttpError(400, 'bad_alert', 'there is no alert in the body');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new HttpError(400, 'bad_alert', 'the alert is not UTF-8');
  }
}
