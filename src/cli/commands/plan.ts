import { randomBytes } from 'node:crypto';
import { type ExitCode, exitCodes, RefusedError } from '../../domain/errors.ts';
import type { PlanReport } from '../../runner/plan.ts';
import { previewPlan } from '../../runner/preview.ts';
import type { App } from '../app.ts';
import { findDrills } from '../find-drill.ts';
import { type GivenFlags, givenTargets } from '../given.ts';
import { planLines } from '../plan-lines.ts';
import { onSignals } from '../signals.ts';
import { environmentText } from '../view/record.ts';
import { enginesFor } from './run.ts';

export interface PlanFlags extends GivenFlags {
  readonly seed?: string;
}

/**
 * `pitwall plan DRILL|FILE`: the exact targets, their order and what would be done. Makes no run, and changes nothing: what stands for the
 * targets of `--image` and `--compose` is removed again.
 */
export async function planCommand(reference: string, flags: PlanFlags, app: App): Promise<ExitCode> {
  const { out } = app;
  const deps = await app.runner();
  const reports: PlanReport[] = [];
  const drills = findDrills(reference, app);
  const given = givenTargets(flags, drills, app);
  for (const note of given?.notes ?? []) out.warn(note);
  using signals = onSignals((text) => out.progress(text));
  const { signal } = signals;
  let isLeft = false;
  const onLeft = (sentence: string) => {
    isLeft = true;
    out.warn(sentence);
  };
  for (const drill of drills) {
    for (const engine of enginesFor(drill, await app.engines())) {
      await given?.check(engine);
      const options = { seed: flags.seed ?? randomBytes(8).toString('hex'), given, signal, onLeft };
      const report = await previewPlan(drill, engine, options, deps).catch((error: unknown) => {
        throw signal.aborted ? new RefusedError('stopped', (signal.reason as Error).message, { cause: error }) : error;
      });
      reports.push(report);
      show(report, app);
    }
  }
  out.data(reports.length === 1 ? reports[0] : reports);
  if (isLeft) return exitCodes.residue;
  return reports.some((report) => report.refusedNow.length > 0) ? exitCodes.refused : exitCodes.ok;
}

function show(report: PlanReport, { out }: App): void {
  out.line(
    `${out.paint('strong', report.drill)} (${report.kind}) on engine ${report.engine}, ${environmentText(report.environment)}; seed ${report.seed}`,
  );
  const lines = planLines(report.steps);
  for (const step of report.steps) {
    out.line();
    out.line(
      `${step.order}. ${step.targets.map((target) => `${target.name} (${target.image})`).join(' with ')}${step.willBeDown ? out.paint('unsure', '  will be down') : ''}`,
    );
    for (const line of lines.get(step.order) ?? []) out.line(`   ${line.replaceAll('\n', '\n   ')}`);
  }
  if (report.steps.length === 0) out.line('nothing would be done');
  for (const { name, outcome } of report.idle) out.line(out.paint('quiet', `- ${name}: ${outcome}`));
  for (const { name, reason } of report.leftOut) out.line(out.paint('quiet', `- ${name}: left out, ${reason}`));
  for (const reason of report.refusedNow) out.line(out.paint('unsure', `a run would be refused now: ${reason}`));
  for (const note of report.notes) out.line(`note: ${note}`);
}
