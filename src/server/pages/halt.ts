/** Halt and unhalt, in reach on every page: the same acts as the API's. */

import { nameOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { ownPath } from '../session/own-path.ts';
import type { Pages } from './pages.ts';

export function haltPages(pages: Pages, { store }: ServerDeps): void {
  pages.form(
    '/halt',
    'halt',
    'halt',
    (request, { reason = '', back }) => {
      store.control.halt(nameOf(request), reason.trim().slice(0, 500) || 'no reason given');
      return ownPath(back);
    },
    { scope: 'unlimited' },
  );
  pages.form('/unhalt', 'run', 'unhalt', (request, { back }) => {
    store.control.unhalt(nameOf(request));
    return ownPath(back);
  });
}
