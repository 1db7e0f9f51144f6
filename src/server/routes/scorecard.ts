import { z } from 'zod';
import { badgeSvg } from '../../scorecard/badge.ts';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { createRemembered } from '../remembered.ts';
import { errors } from '../schemas/error.ts';
import { wholeNumber } from '../schemas/params.ts';
import { scorecardDay, scorecardSchema } from '../schemas/scorecard.ts';

/** Computed once for as long as no proof, drill or minute is another, and kept as it is sent. */
export function scorecardRoutes(app: ApiApp, { scorecards, clock }: ServerDeps): void {
  // As bytes: text would be made into them again for everyone who asks.
  const remembered = createRemembered<Buffer>(scorecards, clock);

  app.get('/api/v1/scorecard', {
    config: { permission: 'read' },
    schema: {
      operationId: 'getScorecard',
      summary: 'What has been proven, by area and by service, how long ago, and what has changed',
      tags: ['scorecard'],
      querystring: z.strictObject({
        items: z.enum(['true', 'false']).optional().describe('With every proof that it was computed from'),
      }),
      response: { 200: scorecardSchema, ...errors() },
    },
    handler: async (request, reply) => {
      const bytes =
        request.query.items === 'true'
          ? remembered.get('items', (minute) => {
              const { card, items } = scorecards.withItems(minute);
              return Buffer.from(JSON.stringify(scorecardSchema.parse({ ...card, items })));
            })
          : remembered.get('card', (minute) => Buffer.from(JSON.stringify(scorecardSchema.parse(scorecards.card(minute)))));
      // already as the schema says, and sent as it is
      return reply.type('application/json; charset=utf-8').send(bytes as never);
    },
  });

  app.get('/api/v1/scorecard/history', {
    config: { permission: 'read' },
    schema: {
      operationId: 'getScorecardHistory',
      summary: 'The scorecard of each day on which one was computed, oldest first',
      tags: ['scorecard'],
      querystring: z.strictObject({ days: wholeNumber(1, 3_660).optional().describe('Up to today; default 90') }),
      response: { 200: z.object({ days: z.array(scorecardDay).readonly() }), ...errors() },
    },
    handler: async (request) => ({ days: scorecards.history(request.query.days ?? 90) }),
  });

  app.get('/api/v1/badge.svg', {
    config: { permission: 'read' },
    schema: {
      operationId: 'getBadge',
      summary: 'The grade, its day and its rubric, as a picture',
      tags: ['scorecard'],
      response: { 200: { description: 'SVG', content: { 'image/svg+xml': { schema: z.string() } } }, ...errors() },
    },
    handler: async (_request, reply) =>
      reply
        .type('image/svg+xml; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(remembered.get('badge', (minute) => Buffer.from(badgeSvg(scorecards.card(minute)))) as never),
  });
}
