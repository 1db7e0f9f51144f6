import { Readable } from 'node:stream';
import { z } from 'zod';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { follow } from '../follow.ts';
import type { Limits } from '../limits.ts';
import { errors } from '../schemas/error.ts';
import { runId, wholeNumber } from '../schemas/params.ts';
import { runEvent } from '../schemas/run.ts';
import { streamSlots } from '../stream-slots.ts';
import { findRunId } from './runs.ts';

export interface EventOptions {
  readonly limits: Pick<Limits, 'followers' | 'followersEach'>;
  /** Ends every stream. */
  readonly stopping: AbortSignal;
}

const seq = wholeNumber(0, Number.MAX_SAFE_INTEGER);

export function eventRoutes(app: ApiApp, deps: ServerDeps, { limits, stopping }: EventOptions): void {
  const { store } = deps;
  const slots = streamSlots(limits);

  app.get('/api/v1/runs/:id/events', {
    // A stream lives as long as its run: the longest that a timer can wait.
    handlerTimeout: 2 ** 31 - 1,
    config: { permission: 'read' },
    schema: {
      operationId: 'listRunEvents',
      summary: 'A run’s timeline; live, until the run’s end, when asked for as text/event-stream',
      tags: ['runs'],
      params: z.object({ id: runId }),
      querystring: z.strictObject({ after: seq.optional().describe('Only events with a greater `seq`') }),
      headers: z.object({ 'last-event-id': seq.optional().describe('The same as `after`; sent by an EventSource that connects again') }),
      response: {
        200: {
          description: 'Events in their order',
          content: {
            'application/json': { schema: z.object({ events: z.array(runEvent).readonly() }) },
            'text/event-stream': {
              schema: z.string().describe('Each message is an event as JSON with its `seq` as id; the last is named `end`'),
            },
          },
        },
        204: z.null().describe('The stream has nothing more: do not connect again'),
        ...errors(404),
      },
    },
    handler: async (request, reply) => {
      const id = findRunId(store, request.params.id);
      const after = request.headers['last-event-id'] ?? request.query.after ?? 0;
      if (!wantsStream(request.headers.accept)) return { events: store.events.list(id, after) };
      // An EventSource makes a connection that ended again and again, unless it is told that there is no content.
      if (request.headers['last-event-id'] !== undefined && !isUnended(store, id) && store.events.list(id, after).length === 0) {
        return reply.code(204).send(null);
      }
      const leave = slots.take(request.who);
      const gone = new AbortController();
      const signal = AbortSignal.any([gone.signal, stopping]);
      const stream = Readable.from(follow(id, after, deps, { signal, isStillAllowed: request.isStillAllowed }));
      stream.once('close', leave);
      // The stream cannot close by itself while it waits for the next event of a quiet run.
      reply.raw.once('close', () => gone.abort());
      if (reply.raw.destroyed) gone.abort();
      // Closed by us at its end, so that a stop need not wait for a client that keeps it.
      // To the types a stream is not the string that it brings.
      return reply
        .header('connection', 'close')
        .type('text/event-stream; charset=utf-8')
        .send(stream as unknown as string);
    },
  });
}

function isUnended(store: ServerDeps['store'], id: string): boolean {
  return store.runs.unended().some((run) => run.id === id);
}

function wantsStream(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((part) => part.split(';', 1)[0]?.trim().toLowerCase() === 'text/event-stream');
}
