/**
 * What Prometheus reads. Values come from the store when it asks, so that runs of other processes count as well; counters begin at
 * zero with this process. Every label's values are bounded: drills of the catalogue, kinds, verdicts, routes.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createEndedRuns } from '../../notify/ended-runs.ts';
import type { ServerDeps } from '../deps.ts';
import { createLastMeasurements } from './last-measurements.ts';

export interface Metrics {
  readonly contentType: string;
  /** Brings everything up to date and writes it down. */
  scrape(): Promise<string>;
  observeRequest(labels: { readonly method: string; readonly route: string; readonly status: string }, seconds: number): void;
}

export function createMetrics(deps: ServerDeps): Metrics {
  const { store } = deps;
  const register = new Registry();
  const registers = [register];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers });

  const requests = new Histogram({
    name: 'pitwall_http_request_duration_seconds',
    help: 'How long the API took to answer; streams until their end.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers,
  });
  gauge('pitwall_build_info', 'Always 1; the version is a label.', ['version']).set({ version: deps.version }, 1);
  const runs = new Counter({
    name: 'pitwall_runs_total',
    help: 'Runs that ended since this process started.',
    labelNames: ['drill', 'kind', 'verdict'],
    registers,
  });
  const durations = new Histogram({
    name: 'pitwall_run_duration_seconds',
    help: 'How long runs took that ended since this process started.',
    labelNames: ['kind'],
    buckets: [1, 5, 15, 60, 300, 900, 3600],
    registers,
  });
  const unended = gauge('pitwall_runs_unended', 'Runs that go on, or wait to be reconciled.');
  const lastRun = gauge('pitwall_drill_last_run_timestamp_seconds', 'When the newest run of the drill began.', ['drill', 'verdict']);
  const measurements = gauge('pitwall_measurement', 'The worst value, over the targets, in the newest run that measured it.', [
    'drill',
    'measurement',
    'unit',
  ]);
  const drills = gauge('pitwall_drills', 'Drills in the catalogue.');
  const problems = gauge('pitwall_drill_problems', 'Drill files that cannot be read.');
  const slots = gauge('pitwall_slots', 'Slots of schedules that were decided, by what became of them.', ['state']);
  const engines = gauge('pitwall_engine_up', 'Whether the engine answers.', ['engine']);
  const ready = gauge('pitwall_ready', 'Whether Pitwall can run drills, as /readyz says.');
  const halted = gauge('pitwall_halted', 'Whether new runs are blocked.');
  const openChanges = gauge('pitwall_open_changes', 'Changes of the world that are not yet done or undone.');
  const residue = gauge('pitwall_residue_changes', 'Changes whose undo could not be proven.');

  const endedRuns = createEndedRuns(deps);
  const lastMeasurements = createLastMeasurements(store);

  function readStore(): void {
    const catalogue = deps.catalogue();
    const names = catalogue.drills.map(({ name }) => name);
    for (const { drill, kind, verdict, durationMs } of endedRuns.news()) {
      // Files given on the command line may have any name.
      const known = drill !== null && names.includes(drill) ? drill : 'other';
      runs.inc({ drill: known, kind, verdict: verdict ?? 'error' });
      durations.observe({ kind }, (durationMs ?? 0) / 1_000);
    }
    unended.set(store.runs.unended().length);
    lastRun.reset();
    for (const [drill, run] of store.runs.lastByDrill()) {
      if (names.includes(drill)) lastRun.set({ drill, verdict: run.verdict ?? 'running' }, Date.parse(run.startedAt) / 1_000);
    }
    measurements.reset();
    for (const { drill, name, unit, value } of lastMeasurements(names)) measurements.set({ drill, measurement: name, unit }, value);
    drills.set(names.length);
    problems.set(catalogue.problems.length);
    slots.reset();
    for (const [state, count] of Object.entries(store.slots.counts())) slots.set({ state }, count);
    halted.set(store.control.halted() === null ? 0 : 1);
    openChanges.set(store.journal.openChanges().length);
    residue.set(store.journal.residueChanges().length);
  }

  async function askEngines(): Promise<void> {
    // That nothing can be said is no reason to have no metrics: it is one of them.
    const readiness = await deps.ready().catch(() => ({ ok: false, checks: [] }));
    ready.set(readiness.ok ? 1 : 0);
    engines.reset();
    for (const check of readiness.checks) if (check.kind === 'engine') engines.set({ engine: check.name }, check.ok ? 1 : 0);
  }

  return {
    contentType: register.contentType,
    async scrape() {
      await askEngines();
      readStore();
      return register.metrics();
    },
    observeRequest: (labels, seconds) => requests.observe(labels, seconds),
  };
}
