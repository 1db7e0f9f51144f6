import { join } from 'node:path';
import type { Drill } from '../domain/drill.ts';
import { probeIds } from '../probes/probe-ids.ts';
import type { ReportDeps } from '../report/deps.ts';
import { createScorecards } from '../scheduler/scorecards.ts';
import type { Store } from '../store/store.ts';
import type { App } from './app.ts';

/** What reports are made from, for a command and for `serve` alike. */
export function reportDeps(store: Store, drills: () => readonly Drill[], { kinds, clock, version }: App): ReportDeps {
  const scorecards = createScorecards({ store, drills, kinds: [...kinds.keys()], clock });
  return { store, kinds, version, probes: probeIds, scorecard: (at) => scorecards.withItems(at) };
}

/** Where reports are kept: the folder of Pitwall's own state, never the working directory. */
export function reportLibrary(app: App): string {
  return join(app.config().home, 'reports');
}
