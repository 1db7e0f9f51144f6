import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import { alertRoutes } from './alerts.ts';
import { auditRoutes } from './audit.ts';
import { descriptionRoutes } from './description.ts';
import { drillRoutes } from './drills.ts';
import { type EventOptions, eventRoutes } from './events.ts';
import { evidenceRoutes } from './evidence.ts';
import { falcoRoutes } from './falco.ts';
import { freezeRoutes } from './freezes.ts';
import { haltRoutes } from './halt.ts';
import { healthRoutes } from './health.ts';
import { metricRoutes } from './metrics.ts';
import { probeRoutes } from './probes.ts';
import { reportRoutes } from './reports.ts';
import { runRoutes } from './runs.ts';
import { scorecardRoutes } from './scorecard.ts';
import { targetRoutes } from './targets.ts';

export function registerRoutes(app: ApiApp, deps: ServerDeps, options: EventOptions): void {
  drillRoutes(app, deps);
  runRoutes(app, deps);
  eventRoutes(app, deps, options);
  targetRoutes(app, deps);
  probeRoutes(app);
  scorecardRoutes(app, deps);
  haltRoutes(app, deps);
  freezeRoutes(app, deps);
  evidenceRoutes(app, deps);
  falcoRoutes(app, deps);
  alertRoutes(app, deps);
  auditRoutes(app, deps);
  reportRoutes(app, deps);
  healthRoutes(app, deps);
  metricRoutes(app, deps);
  descriptionRoutes(app);
}
