import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { createChanges } from '../live.ts';
import { streamSlots } from '../stream-slots.ts';
import type { EventOptions } from './events.ts';

/** Tells that something has changed, not what: whoever wants to know asks for the page again. */
export function liveRoute(app: ApiApp, { store, audit, clock }: ServerDeps, { limits, stopping }: EventOptions): void {
  const news = () => {
    const [act] = audit.list({ limit: 1 });
    const going = store.runs.unended().map(({ id }) => id);
    const held = store.holds.current().map(({ evidenceId, state, deadline }) => `${evidenceId} ${state} ${deadline}`);
    return [store.events.lastRowId(), act?.seq, store.control.halted()?.at, store.proofs.version(), ...going, ...held].join(' ');
  };
  const slots = streamSlots(limits);
  const changes = createChanges({ version: () => store.control.version(), news }, clock, stopping);

  app.get('/live', {
    config: { permission: 'read' },
    schema: { hide: true },
    handler: async (request, reply) => {
      const { raw } = reply;
      if (raw.destroyed) return reply;
      raw.once('close', slots.take(request.who));
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
      raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', connection: 'close', 'x-accel-buffering': 'no' });
      changes.follow(raw, request.isStillAllowed);
      return reply;
    },
  });
}
