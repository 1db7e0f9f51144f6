/** `/runs/:id`, and asking a run to end. */
import type { FastifyRequest } from 'fastify';
import { h } from 'preact';
import { RunPage } from '../../web/pages/run.tsx';
import { createActs } from '../acts.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { readCurve, readMatrix } from './artifacts.ts';
import { rememberedLanes } from './lanes.ts';
import type { Pages } from './pages.ts';

/** Of the timeline; all of it is one link away. */
const mostEvents = 500;

export function runPages(pages: Pages, deps: ServerDeps): void {
  const { store } = deps;
  const acts = createActs(deps);
  const lanesOf = rememberedLanes(deps);

  pages.page('/runs/:id', 'read', (request, { now, reader }) => {
    const record = store.runs.record(idOf(request));
    if (record === null) throw unknownRun(idOf(request));
    const { id } = record;
    const startedAt = Date.parse(record.startedAt);
    const events = store.events.newest(id, mostEvents);
    return {
      title: `${record.drill ?? record.kind} ${record.verdict ?? 'running'}`,
      body: h(RunPage, {
        record,
        reader,
        now,
        abort: store.runs.abortRequested(id),
        events,
        eventCount: events.at(-1)?.seq ?? 0,
        lanes: lanesOf(record, now),
        changes: store.journal.ofRun(id).map(({ openedAt, closedAt, ...change }) => ({
          ...change,
          from: Math.max(0, openedAt - startedAt),
          to: closedAt === null ? null : Math.max(0, closedAt - startedAt),
        })),
        matrix: readMatrix(store, id),
        curve: readCurve(store, id),
      }),
    };
  });

  pages.form(
    '/runs/:id/abort',
    'halt',
    'abort',
    (request) => {
      const id = store.runs.resolve(idOf(request));
      if (id === null) throw unknownRun(idOf(request));
      acts.abort(id, callerOf(request));
      return `/runs/${id}`;
    },
    { scope: 'checked' },
  );
}

function idOf(request: FastifyRequest): string {
  return (request.params as { readonly id: string }).id;
}

function unknownRun(id: string): HttpError {
  return new HttpError(404, 'unknown_run', `there is no run "${id}"`, { hint: '/runs lists them' });
}
