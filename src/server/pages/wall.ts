import { h } from 'preact';
import { z } from 'zod';
import { visible } from '../../domain/inert.ts';
import { WallPage } from '../../web/pages/wall.tsx';
import type { ServerDeps } from '../deps.ts';
import { pageOf } from './found.ts';
import { createKept } from './kept.ts';
import type { Pages } from './pages.ts';
import { readQuery } from './query.ts';

const perPage = 60;
/** Runs whose progress is shown. */
const mostGoing = 10;

export const findSchema = z.object({
  // As the names are shown, so that what is copied from the page is found.
  q: z.string().max(100).transform(visible).default(''),
  page: z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/)
    .default('1')
    .transform(Number),
});

export function wallPages(pages: Pages, { store, scorecards, clock }: ServerDeps): void {
  const wall = createKept(scorecards, clock, () => scorecards.wall());
  const card = createKept(scorecards, clock, () => scorecards.card());
  pages.page('/', 'read', (request, { now }) => {
    const { areas, rows } = wall();
    const { items, found } = pageOf(rows, ({ service }) => service ?? '', readQuery(request, findSchema), perPage);
    const running = store.runs
      .unended()
      .map((run, i) => ({ ...run, last: i < mostGoing ? (store.events.newest(run.id, 1)[0] ?? null) : null }));
    return { title: 'Wall', body: h(WallPage, { now, running, card: card(), areas, rows: items, found }) };
  });
}
