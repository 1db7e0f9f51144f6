import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { openAudit } from '../../access/audit.ts';
import { openSessions } from '../../access/sessions.ts';
import { verifyToken } from '../../access/tokens.ts';
import type { CatalogueWatch } from '../../config/catalogue/watch-catalogue.ts';
import type { Config } from '../../config/config.ts';
import type { Engine } from '../../domain/engine.ts';
import { errorBody, InvalidError } from '../../domain/errors.ts';
import type { RunnerDeps } from '../../runner/deps.ts';
import { previewPlan } from '../../runner/preview.ts';
import { type TargetView, targetViews } from '../../runner/targets/target-view.ts';
import { nextRuns } from '../../scheduler/next-runs.ts';
import type { Scheduler } from '../../scheduler/scheduler.ts';
import type { Scorecards } from '../../scheduler/scorecards.ts';
import type { ServerDeps } from '../../server/deps.ts';
import { createReports } from '../../server/reports.ts';
import type { App } from '../app.ts';
import { enginesFor } from '../commands/run.ts';
import { reportDeps, reportLibrary } from '../report-deps.ts';
import type { ServeFreezes } from './freezes.ts';
import type { Lateness } from './lateness.ts';
import { createReadiness } from './readiness.ts';
import type { ServeRuns } from './runs.ts';

export interface ServedParts {
  readonly app: App;
  readonly config: Config;
  readonly deps: RunnerDeps;
  readonly engines: readonly Engine[];
  readonly catalogue: Pick<CatalogueWatch, 'current'>;
  readonly runs: Pick<ServeRuns, 'asked'>;
  readonly held: Pick<ServeFreezes, 'freezes' | 'evidence' | 'whyNot'>;
  readonly scheduler: Pick<Scheduler, 'health'>;
  readonly scorecards: Scorecards;
  readonly late: Pick<Lateness, 'drain'>;
  readonly log: Logger;
}

/** What the server asks of the other parts of `serve`. */
export function serverDeps({
  app,
  config,
  deps,
  engines,
  catalogue,
  runs,
  held,
  scheduler,
  scorecards,
  late,
  log,
}: ServedParts): ServerDeps {
  const { clock } = app;
  const { store } = deps;
  const drills = () => catalogue.current().drills;
  const targetOptions = () => ({ config, self: deps.self, kinds: [...app.kinds.keys()], drills: drills() });
  return {
    store,
    tokens: { verify: (token) => verifyToken(store, token) },
    sessions: openSessions({ store, verifyToken: (token) => verifyToken(store, token), clock }),
    audit: openAudit(store),
    config: { host: config.api.host, port: config.api.port, hosts: config.api.allowedHosts },
    catalogue: () => catalogue.current(),
    nextRuns: (drill, n) => nextRuns(drill, clock.now(), n).map((next) => next.instant),
    startRun: (name, options) => runs.asked(name, options),
    scorecards,
    reports: createReports(reportLibrary(app), reportDeps(store, drills, app), clock),
    freezes: held.freezes,
    evidence: held.evidence,
    alerts: { rules: config.policy.freeze, engines, whyNot: held.whyNot },
    targets: () => targetsOfAll(engines, targetOptions(), log),
    fleet: engines.map((engine) => ({ engine: engine.name, targets: () => targetViews(engine, targetOptions()) })),
    async plan(name) {
      const drill = drills().find((candidate) => candidate.name === name);
      if (drill === undefined) throw new InvalidError('unknown_drill', `there is no drill "${name}"`);
      const reports = await Promise.all(enginesFor(drill, engines).map((engine) => previewPlan(drill, engine, { seed: 'preview' }, deps)));
      return reports.length === 1 ? reports[0] : reports;
    },
    ready: createReadiness({
      engines,
      store,
      disks: [
        { name: 'database', path: dirname(config.store.path) },
        { name: 'evidence', path: config.evidence.path },
      ],
      catalogue: () => catalogue.current(),
      scheduler: () => scheduler.health(),
      clock,
    }),
    lateness: late.drain,
    version: app.version,
    clock,
    log,
  };
}

/** An engine that is away does not hide the others; when none answers that is the answer. */
async function targetsOfAll(engines: readonly Engine[], options: Parameters<typeof targetViews>[1], log: Logger): Promise<TargetView[]> {
  const answers = await Promise.allSettled(engines.map((engine) => targetViews(engine, options)));
  const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  if (lost.length === engines.length) throw lost[0];
  for (const error of lost) log.warn(errorBody(error).error.message);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}
