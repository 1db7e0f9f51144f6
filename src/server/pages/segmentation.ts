/** `/segmentation`: who reaches whom, by the newest run of each drill. */
import { h } from 'preact';
import { matrixTable } from '../../chart/matrix-table.tsx';
import type { Matrix } from '../../domain/matrix.ts';
import { NewestPage } from '../../web/pages/newest.tsx';
import type { ServerDeps } from '../deps.ts';
import { readMatrix } from './artifacts.ts';
import { chosen, newestOf } from './newest.ts';
import type { Pages } from './pages.ts';

export function segmentationPages(pages: Pages, deps: ServerDeps): void {
  pages.page('/segmentation', 'read', (request, { now }) => {
    const { all, waiting } = newestOf('segmentation', deps, (id) => readMatrix(deps.store, id));
    const judged = all.map((one) => ({ ...one, ...gistOf(one.content) }));
    const open = chosen(judged, (request.query as { readonly run?: unknown }).run);
    return {
      title: 'Segmentation',
      body: h(NewestPage, {
        title: 'Segmentation',
        path: '/segmentation',
        now,
        waiting,
        how: 'No drill of the catalogue is of kind segmentation. Write one that says who may talk to whom, and run it: docs/segmentation.md.',
        all: judged.map((one) => ({ ...one, shown: open.has(one) ? matrixTable(one.content) : null })),
      }),
    };
  });
}

function gistOf({ cells }: Matrix): { readonly gist: string; readonly bad: boolean } {
  const disagree = cells.filter(({ disagreement }) => disagreement !== null).length;
  const unknown = cells.filter(({ measured }) => measured === 'unknown').length;
  return { gist: `${cells.length} ways, ${disagree} on which policy and network disagree, ${unknown} not known`, bad: disagree > 0 };
}
