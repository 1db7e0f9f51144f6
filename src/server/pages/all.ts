/** Every page of the dashboard; the order is of no meaning. */
import type { ServerDeps } from '../deps.ts';
import { auditPages } from './audit.ts';
import { drillsPages } from './drills.ts';
import { evidencePages } from './evidence.ts';
import { haltPages } from './halt.ts';
import type { Pages } from './pages.ts';
import { reportsPages } from './reports.ts';
import { rotationPages } from './rotation.ts';
import { runPages } from './run.ts';
import { runsPages } from './runs.ts';
import { scorecardPages } from './scorecard.ts';
import { segmentationPages } from './segmentation.ts';
import { targetsPages } from './targets.ts';
import { wallPages } from './wall.ts';

export function registerAllPages(pages: Pages, deps: ServerDeps): void {
  auditPages(pages, deps);
  drillsPages(pages, deps);
  evidencePages(pages, deps);
  haltPages(pages, deps);
  reportsPages(pages, deps);
  rotationPages(pages, deps);
  runPages(pages, deps);
  runsPages(pages, deps);
  scorecardPages(pages, deps);
  segmentationPages(pages, deps);
  targetsPages(pages, deps);
  wallPages(pages, deps);
}
