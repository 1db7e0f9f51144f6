import { h } from 'preact';
import type { Drill } from '../../domain/drill.ts';
import { errorBody, PitwallError } from '../../domain/errors.ts';
import { DrillPage } from '../../web/pages/drill.tsx';
import { DrillsPage } from '../../web/pages/drills.tsx';
import type { Plan, PlanReport } from '../../web/pages/plan.tsx';
import { createActs } from '../acts.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { HttpError } from '../http-errors.ts';
import { createNextRuns } from './kept.ts';
import type { Pages } from './pages.ts';
import { trendsOf } from './trends.ts';

export function drillsPages(pages: Pages, deps: ServerDeps): void {
  const { store, catalogue, nextRuns, clock } = deps;
  const nextOf = createNextRuns(nextRuns, clock, 3);
  const acts = createActs(deps);

  pages.page('/drills', 'read', (_request, { now }) => {
    const { drills, problems } = catalogue();
    const next = nextOf(drills);
    const lines = drills.map((drill) => ({
      name: drill.name,
      kind: drill.kind,
      description: drill.description,
      schedule: drill.schedule,
      next: next.get(drill.name) ?? [],
      runs: store.runs.list({ drill: drill.name, limit: 5 }),
    }));
    return { title: 'Drills', body: h(DrillsPage, { now, drills: lines, problems }) };
  });

  pages.page('/drills/:name', 'read', async (request, { now, reader, halt }) => {
    const drill = find(deps, request);
    const asked = (request.query as { readonly plan?: unknown }).plan === '1';
    const plan = asked ? await planOf(drill, deps) : null;
    const runs = store.runs.list({ drill: drill.name, limit: 20 });
    const trends = trendsOf(drill, store, now);
    return { title: drill.name, body: h(DrillPage, { drill, now, next: nextRuns(drill, 5), runs, trends, reader, halt, plan }) };
  });

  pages.form(
    '/drills/:name/runs',
    'run',
    'run',
    async (request, { seed = '', replay = '' }) => {
      const drill = find(deps, request);
      const asked = { seed: seed.trim().slice(0, 100) || undefined, replay: replay.trim().slice(0, 26) || undefined };
      const { id } = await acts.run(drill.name, callerOf(request), asked);
      return `/runs/${id}`;
    },
    { scope: 'checked' },
  );
}

function find({ catalogue }: ServerDeps, { params }: { readonly params: unknown }): Drill {
  const { name } = params as { readonly name: string };
  const drill = catalogue().drills.find((candidate) => candidate.name === name);
  if (drill === undefined) throw new HttpError(404, 'unknown_drill', `there is no drill "${name.slice(0, 100)}"`, { hint: 'see /drills' });
  return drill;
}

/** That a run would be refused, or that the engine is away, is an answer to who asks for the plan, and the page stays. */
async function planOf(drill: Drill, { plan }: ServerDeps): Promise<Plan> {
  try {
    const answer = (await plan(drill.name)) as PlanReport | readonly PlanReport[];
    return { reports: [answer].flat() };
  } catch (error) {
    if (!(error instanceof PitwallError)) throw error;
    const { message, hint } = errorBody(error).error;
    return { refused: message, hint };
  }
}
