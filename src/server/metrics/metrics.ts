/**
 * What Prometheus reads. Values come from the store when it asks, so that runs of other processes count as well; counters begin at
 * zero with this process. Every label's values are bounded: drills of the catalogue, kinds, verdicts, routes.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createEndedRuns } from '../../notify/ended-runs.ts';
import type { ServerDeps } from '../deps.ts';
import { createLastMeasurements } from './last-measurements.ts';
import { createProofMetrics } from './proof-metrics.ts';

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

  const objectives = new Counter({
    name: 'pitwall_objectives_total',
    help: 'Objectives of runs that ended since this process started, met or not.',
    labelNames: ['drill', 'measurement', 'met'],
    registers,
  });
  const ping = gauge('pitwall_engine_ping_seconds', 'How long the engine took to answer; none while it does not.', ['engine']);
  const free = gauge('pitwall_disk_free_bytes', 'What is left where the database and the evidence are.', ['disk']);
  const lateness = new Histogram({
    name: 'pitwall_scheduler_lateness_seconds',
    help: 'How long after its time, jitter included, a scheduled drill was begun, since this process started.',
    buckets: [0.5, 1, 2, 5, 15, 60, 300, 3600],
    registers,
  });
  const frozen = gauge('pitwall_frozen_containers', 'Containers that are held frozen.', ['engine']);
  const frozenAge = gauge('pitwall_frozen_oldest_seconds', 'How long the one that was frozen first has been held; 0 when none is.', [
    'engine',
  ]);
  const overdue = gauge('pitwall_frozen_overdue', 'Held containers whose lease is over.', ['engine']);
  const deliveries = gauge('pitwall_notice_deliveries', 'Notices that are kept, by hook and by what became of them.', ['hook', 'state']);
  const proofs = createProofMetrics(gauge, deps);

  const endedRuns = createEndedRuns(deps);
  const lastMeasurements = createLastMeasurements(store);

  function readStore(): void {
    const catalogue = deps.catalogue();
    const names = catalogue.drills.map(({ name }) => name);
    for (const { id, drill, kind, verdict, durationMs } of endedRuns.news()) {
      // Files given on the command line may have any name.
      const known = drill !== null && names.includes(drill) ? drill : 'other';
      runs.inc({ drill: known, kind, verdict: verdict ?? 'error' });
      durations.observe({ kind }, (durationMs ?? 0) / 1_000);
      for (const { name, met } of store.runs.record(id)?.measurements ?? [])
        if (met !== null) objectives.inc({ drill: known, measurement: known === 'other' ? 'other' : name, met: String(met) });
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
    for (const ms of deps.lateness()) lateness.observe(Math.max(0, ms) / 1_000);
    readHolds();
    deliveries.reset();
    for (const { hook, state, n } of store.notices.counts()) deliveries.set({ hook, state }, n);
    proofs.read();
  }

  function readHolds(): void {
    const now = deps.clock.now();
    const held = store.holds.current();
    for (const one of [frozen, frozenAge, overdue]) one.reset();
    for (const engine of new Set(held.map((hold) => hold.engine))) {
      const own = held.filter((hold) => hold.engine === engine);
      frozen.set({ engine }, own.length);
      frozenAge.set({ engine }, Math.max(0, now - Math.min(...own.map(({ since }) => since))) / 1_000);
      overdue.set({ engine }, own.filter(({ deadline }) => deadline <= now).length);
    }
  }

  async function askEngines(): Promise<void> {
    // That nothing can be said is no reason to have no metrics: it is one of them.
    const readiness = await deps.ready().catch(() => ({ ok: false, checks: [] }));
    ready.set(readiness.ok ? 1 : 0);
    engines.reset();
    ping.reset();
    for (const { kind, name, ok, ms, freeBytes } of readiness.checks) {
      if (kind === 'engine') engines.set({ engine: name }, ok ? 1 : 0);
      if (kind === 'engine' && ok && ms !== undefined) ping.set({ engine: name }, ms / 1_000);
      if (kind === 'disk' && freeBytes !== undefined) free.set({ disk: name }, freeBytes);
    }
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
