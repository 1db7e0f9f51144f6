import { h } from 'preact';
import { WallPage } from '../../web/pages/wall.tsx';
import type { ServerDeps } from '../deps.ts';
import type { Pages } from './pages.ts';

export function wallPages(pages: Pages, { store }: ServerDeps): void {
  pages.page('/', 'read', (_request, { now }) => ({
    title: 'Wall',
    body: h(WallPage, { now, running: store.runs.unended() }),
  }));
}
