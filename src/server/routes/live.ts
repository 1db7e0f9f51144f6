import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { createChanges } from '../live.ts';
import type { EventOptions } from './events.ts';

/** Tells that something has changed, not what: whoever wants to know asks for the page again. */
export function liveRoute(app: ApiApp, { store, audit, clock }: ServerDeps, { limits, stopping }: EventOptions): void {
  const news = () => {
    const [act] = audit.list({ limit: 1 });
    const going = store.runs.unended().map(({ id }) => id);
    const held = store.holds.current().map(({ evidenceId, state, deadline }) => `${evidenceId} ${state} ${deadline}`);
    return [store.events.lastRowId(), act?.seq, store.control.halted()?.at, store.proofs.version(), ...going, ...held].join(' ');
  };
  const changes = createChanges({ version: () => store.control.version(), news }, clock, stopping);

  app.get('/live', {
    config: { permission: 'read' },
    schema: { hide: true },
    handler: async (_request, reply) => {
      if (changes.followers() >= limits.followers) {
        throw new HttpError(503, 'too_many_followers', `${limits.followers} pages are followed already`, { hint: 'ask again later' });
      }
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
      raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', connection: 'close', 'x-accel-buffering': 'no' });
      changes.follow(raw);
      return reply;
    },
  });
}
