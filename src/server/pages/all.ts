/** Every page of the dashboard; the order is of no meaning. */
import type { ServerDeps } from '../deps.ts';
import { auditPages } from './audit.ts';
import { evidencePages } from './evidence.ts';
import { haltPages } from './halt.ts';
import type { Pages } from './pages.ts';
import { targetsPages } from './targets.ts';
import { wallPages } from './wall.ts';

export function registerAllPages(pages: Pages, deps: ServerDeps): void {
  auditPages(pages, deps);
  evidencePages(pages, deps);
  haltPages(pages, deps);
  targetsPages(pages, deps);
  wallPages(pages, deps);
}
