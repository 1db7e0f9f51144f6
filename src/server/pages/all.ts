/** Every page of the dashboard; the order is of no meaning. */
import type { ServerDeps } from '../deps.ts';
import { drillsPages } from './drills.ts';
import { haltPages } from './halt.ts';
import type { Pages } from './pages.ts';
import { reportsPages } from './reports.ts';
import { rotationPages } from './rotation.ts';
import { runPages } from './run.ts';
import { runsPages } from './runs.ts';
import { segmentationPages } from './segmentation.ts';
import { wallPages } from './wall.ts';

export function registerAllPages(pages: Pages, deps: ServerDeps): void {
  haltPages(pages, deps);
  rotationPages(pages, deps);
  runPages(pages, deps);
  segmentationPages(pages, deps);
  reportsPages(pages, deps);
  wallPages(pages, deps);
  drillsPages(pages, deps);
  runsPages(pages, deps);
}
