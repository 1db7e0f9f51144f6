/** The pages of the containers, and the freeze of one of them. */
import type { FastifyRequest } from 'fastify';
import { h } from 'preact';
import { z } from 'zod';
import { drillKinds } from '../../domain/words.ts';
import type { TargetView } from '../../runner/targets/target-view.ts';
import { TargetPage } from '../../web/pages/target.tsx';
import { TargetsPage } from '../../web/pages/targets.tsx';
import { mayAct } from '../../web/parts/form.tsx';
import { groupOf, isReplicaOf, type LastDrill, type TargetRow, targetGroups } from '../../web/target-row.ts';
import { createActs } from '../acts.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { freezeBody } from '../schemas/freeze.ts';
import { wholeNumber } from '../schemas/params.ts';
import { checked, queryOf } from './checked.ts';
import { type EngineAnswer, watchFleet } from './fleet.ts';
import { lastDrills } from './last-drills.ts';
import type { Fields, Pages } from './pages.ts';
import { countGroups, search, targetRows } from './target-rows.ts';

const perPage = 100;

const query = z.object({
  q: z.string().max(200).default(''),
  show: z.enum(targetGroups).nullable().default(null),
  page: wholeNumber(1, 1_000_000).default(1),
});
const params = z.object({ id: z.string().regex(/^[0-9a-f]{64}$/, 'expected a container’s whole id') });

export function targetsPages(pages: Pages, deps: ServerDeps): void {
  const { store } = deps;
  const acts = createActs(deps);
  const look = watchFleet(deps.fleet, deps.clock);
  const lastOf = knownDrills(deps);

  pages.page('/targets', 'read', async (request, { now, reader }) => {
    const { q, show, page: wanted } = checked(query, queryOf(request), 'in the query');
    const answers = await look();
    const found = search(rowsOf(answers, now), q);
    const shown = show === null ? found : found.filter((row) => groupOf(row) === show);
    const count = Math.max(1, Math.ceil(shown.length / perPage));
    const page = Math.min(wanted, count);
    const first = (page - 1) * perPage;
    return {
      title: 'Targets',
      body: h(TargetsPage, {
        rows: shown.slice(first, first + perPage),
        counts: countGroups(found),
        kinds: drillKinds.length,
        engines: answers,
        query: { q, show },
        place: { page, pages: count, first: first + 1, of: shown.length },
        mayFreeze: mayAct(reader, 'freeze'),
        now,
      }),
    };
  });

  pages.page('/targets/:id', 'read', async (request, { now, reader }) => {
    const { id } = checked(params, request.params, 'in the path');
    const answers = await look();
    const rows = rowsOf(answers, now);
    const row = rows.find(({ view }) => view.id === id);
    const engine = answers.find((answer) => answer.engine === row?.view.engine);
    if (row === undefined || engine?.at == null) throw noSuchContainer(answers);
    const replicas = rows.filter(({ view }) => isReplicaOf(view, row.view));
    return {
      title: row.view.name,
      body: h(TargetPage, { row, replicas, kinds: drillKinds.length, engine: { at: engine.at, problem: engine.problem }, reader, now }),
    };
  });

  const freeze = async (request: FastifyRequest, fields: Fields) => {
    const { id } = checked(params, request.params, 'in the path');
    const order = checked(freezeBody, orderOf(id, fields), 'in the form');
    if (order.reason === null) throw new HttpError(400, 'invalid_request', 'reason in the form: say why, for the record');
    const run = await acts.freeze(order, callerOf(request));
    return `/runs/${run.id}`;
  };
  pages.form('/targets/:id/freeze', 'freeze', 'freeze', freeze, { scope: 'checked' });

  function rowsOf(answers: readonly EngineAnswer[], now: number): TargetRow[] {
    const views = answers.flatMap((answer) => answer.views ?? []);
    return targetRows({ views, holds: store.holds.current(), lastOf: lastOf(views), now });
  }
}

/** Exactly what the API takes: a box that is not ticked is not sent. */
function orderOf(id: string, { volumes, force, reason = '', ...rest }: Fields): Readonly<Record<string, unknown>> {
  const said = reason.trim() === '' ? {} : { reason };
  return { ...rest, ...said, containers: [id], volumes: volumes !== undefined, force: force !== undefined };
}

/** Every proof is read, and its texts are parsed: only when one has changed. */
function knownDrills({ store }: ServerDeps): (views: readonly TargetView[]) => (view: TargetView) => LastDrill | null {
  let version = -1;
  let proofs: ReturnType<typeof store.proofs.all> = [];
  return (views) => {
    const now = store.proofs.version();
    if (now !== version) {
      proofs = store.proofs.all();
      version = now;
    }
    return lastDrills(proofs, views);
  };
}

function noSuchContainer(answers: readonly EngineAnswer[]): HttpError {
  const silent = answers.find(({ problem }) => problem !== null);
  if (silent !== undefined) return new HttpError(503, 'engine_silent', `the container is not known: ${silent.problem}`);
  return new HttpError(404, 'unknown_container', 'no container that runs has this id', {
    hint: 'it may have been made again: look for its name at /targets',
  });
}
