import type { Drill } from '../../domain/drill.ts';
import type { Json } from '../../domain/journal.ts';
import type { Plan } from '../../domain/kind.ts';
import { judge } from '../../domain/objectives.ts';
import { belonging, type Target } from '../../domain/target.ts';
import type { Finding, Measurement, ObjectiveBound, TargetRecord, Unit } from '../../domain/words.ts';
import type { RunnerDeps } from '../deps.ts';
import type { PlanReport } from '../plan.ts';
import type { Selection } from '../targets/select.ts';
import type { Sample } from './sampler.ts';

/** Writes what happens in a run as it happens. */
export interface Recorder {
  readonly measurements: readonly Measurement[];
  readonly findings: readonly Finding[];
  readonly residues: readonly string[];
  /** Names of the containers that the drill selects, those left out included. */
  readonly listed: readonly string[];
  /** One sentence on what was done. */
  readonly summary: string;
  selected(selection: Selection): void;
  planned(report: PlanReport, plan: Plan): void;
  event(type: string, target: Pick<Target, 'name'> | null, message: string, data?: Readonly<Record<string, Json | undefined>>): void;
  measure(name: string, target: Pick<Target, 'name'> | null, value: number, unit: Unit, own?: ObjectiveBound): void;
  found(findings: readonly Finding[]): void;
  artifact(name: string, content: Json): void;
  outcome(target: Target, outcome: string): void;
  residue(sentence: string): void;
  sample(sample: Sample, offsetMs: number): void;
  /** Writes the samples that wait. */
  flush(): void;
}

/** Samples wait no longer than this for their batch. */
const batchMs = 250;

export function recorder(runId: string, drill: Pick<Drill, 'objectives'>, { store, clock, onEvent }: RunnerDeps): Recorder {
  const measurements: Measurement[] = [];
  const findings: Finding[] = [];
  const residues: string[] = [];
  const outcomes = new Map<string, string>();
  let selection: Selection | null = null;
  let waiting: (Sample & { readonly offsetMs: number })[] = [];
  let lastFlush = clock.monotonic();

  const event: Recorder['event'] = (type, target, message, data) => {
    // in two lines on purpose: `onEvent?.(add())` would not even add where nobody listens
    const written = store.events.add(runId, type, target?.name ?? null, message, data ?? null);
    onEvent?.(written);
  };
  const flush = () => {
    lastFlush = clock.monotonic();
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) store.samples.add(batch.map((sample) => ({ runId, ...sample })));
  };
  const saveTargets = () => {
    if (selection === null) return;
    const records: TargetRecord[] = [
      ...selection.targets.map((target) => ({
        id: target.id,
        name: target.name,
        service: target.service,
        image: target.image,
        outcome: outcomes.get(target.id) ?? null,
        leftOut: null,
      })),
      ...selection.leftOut.map(({ container, reason }) => ({
        id: container.id,
        name: container.name,
        service: belonging(container.labels).service,
        image: container.image,
        outcome: null,
        leftOut: reason,
      })),
    ];
    store.runs.saveTargets(runId, records);
  };

  return {
    measurements,
    findings,
    residues,
    get listed() {
      return [...(selection?.targets ?? []), ...(selection?.leftOut ?? []).map(({ container }) => container)].map(({ name }) => name);
    },
    get summary() {
      return summary(outcomes);
    },
    selected(chosen) {
      selection = chosen;
      saveTargets();
      const names = chosen.targets.map((target) => target.name);
      event('selected', null, `${names.length} of ${chosen.candidates.length}: ${names.join(', ')}`, {
        candidates: chosen.candidates,
        targets: names,
      });
      for (const { container, reason } of chosen.leftOut) event('left-out', null, `${container.name}: ${reason}`);
    },
    planned(report, plan) {
      for (const { target, outcome } of plan.idle) outcomes.set(target.id, outcome);
      saveTargets();
      this.artifact('plan', report as unknown as Json);
      event('planned', null, plan.units.length === 0 ? 'nothing is due' : `${plan.units.length} to do`);
    },
    event,
    measure(name, target, value, unit, own) {
      const measurement = judge({ name, target: target?.name ?? null, value, unit }, drill.objectives, own ?? null);
      measurements.push(measurement);
      store.runs.addMeasurement(runId, measurement);
    },
    found(several) {
      findings.push(...several);
      store.runs.addFindings(runId, several);
    },
    artifact(name, content) {
      store.runs.addArtifact(runId, name, 'application/json', JSON.stringify(content));
    },
    outcome(target, outcome) {
      outcomes.set(target.id, outcome);
      saveTargets();
      event('outcome', target, outcome);
    },
    residue(sentence) {
      if (residues.includes(sentence)) return;
      residues.push(sentence);
      event('residue', null, sentence);
    },
    sample(sample, offsetMs) {
      waiting.push({ ...sample, offsetMs });
      if (clock.monotonic() - lastFlush >= batchMs) flush();
    },
    flush,
  };
}

function summary(outcomes: ReadonlyMap<string, string>): string {
  const counts = new Map<string, number>();
  for (const outcome of outcomes.values()) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  if (counts.size === 0) return 'nothing was to be done';
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}
