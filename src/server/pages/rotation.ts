/** `/rotation`: for how long an old secret was let in, by the newest run of each drill. */
import { h } from 'preact';
import { curveChart } from '../../chart/curve-chart.tsx';
import { curveSegments } from '../../chart/curve-lane.ts';
import type { Curve } from '../../domain/curve.ts';
import { NewestPage } from '../../web/pages/newest.tsx';
import type { ServerDeps } from '../deps.ts';
import { readCurve } from './artifacts.ts';
import { chosen, newestOf } from './newest.ts';
import type { Pages } from './pages.ts';

export function rotationPages(pages: Pages, deps: ServerDeps): void {
  pages.page('/rotation', 'read', (request, { now }) => {
    const { all, waiting } = newestOf('secret-rotation', deps, (id) => readCurve(deps.store, id));
    const judged = all.map((one) => ({ ...one, ...gistOf(one.content) }));
    const open = chosen(judged, (request.query as { readonly run?: unknown }).run);
    return {
      title: 'Rotation',
      body: h(NewestPage, {
        title: 'Rotation',
        path: '/rotation',
        now,
        waiting,
        how: 'No drill of the catalogue is of kind secret-rotation. Write one that leaks a secret and rotates it, and run it: docs/secret-rotation.md.',
        all: judged.map((one) => ({
          ...one,
          shown: open.has(one)
            ? h(
                'div',
                null,
                one.content.plans.map((plan) => curveChart(plan)),
              )
            : null,
        })),
      }),
    };
  });
}

/** Of every way in that was tried with the old secret: whether it was shut at the end. */
function gistOf({ plans }: Curve): { readonly gist: string; readonly bad: boolean } {
  const ends = plans.flatMap(({ tracks, to }) =>
    tracks.filter(({ credential }) => credential === 'old').map((track) => curveSegments(track, to).at(-1)?.meaning ?? 'unknown'),
  );
  const shut = ends.filter((meaning) => meaning === 'good').length;
  const failed = plans.flatMap(({ consumers }) => consumers).reduce((sum, one) => sum + one.failed, 0);
  return {
    gist: `the old secret was shut out at ${shut} of ${ends.length} points, ${failed} requests failed`,
    bad: shut < ends.length || failed > 0,
  };
}
