/** `/runs/:id`, and asking a run to end. */
import type { FastifyRequest } from 'fastify';
import { h } from 'preact';
import { type CheckLane, checkLanes } from '../../chart/lanes.ts';
import type { RunRecord } from '../../domain/words.ts';
import { RunPage } from '../../web/pages/run.tsx';
import { createActs } from '../acts.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { readCurve, readMatrix } from './artifacts.ts';
import type { Pages } from './pages.ts';

/** Of the timeline; all of it is one link away. */
const mostEvents = 500;

export function runPages(pages: Pages, deps: ServerDeps): void {
  const { store } = deps;
  const acts = createActs(deps);
  const lanesOf = rememberedLanes(store);

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

const mostRemembered = 20;
const freshMs = 1_000;

/** What an ended run sampled does not change any more, and of one that goes on many readers may ask at once. */
function rememberedLanes({ samples }: Pick<ServerDeps['store'], 'samples'>): (record: RunRecord, now: number) => readonly CheckLane[] {
  const remembered = new Map<string, { readonly lanes: readonly CheckLane[]; readonly until: number }>();
  return ({ id, startedAt, endedAt, durationMs }, now) => {
    const key = `${id} ${endedAt === null ? 'running' : 'ended'}`;
    const known = remembered.get(key);
    if (known !== undefined && now < known.until) return known.lanes;
    const lanes = checkLanes(samples.list(id), durationMs ?? now - Date.parse(startedAt));
    remembered.delete(key);
    remembered.set(key, { lanes, until: endedAt === null ? now + freshMs : Number.POSITIVE_INFINITY });
    for (const [oldest] of remembered) if (remembered.size > mostRemembered) remembered.delete(oldest);
    return lanes;
  };
}

function idOf(request: FastifyRequest): string {
  return (request.params as { readonly id: string }).id;
}

function unknownRun(id: string): HttpError {
  return new HttpError(404, 'unknown_run', `there is no run "${id}"`, { hint: '/runs lists them' });
}
