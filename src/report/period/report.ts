import type { RunRecord } from '../../domain/words.ts';
import type { ReportDeps } from '../deps.ts';
import { type Report, type ReportScope, reportVersion } from '../schema.ts';
import { aged } from './aged.ts';
import { periodMeasurements } from './measurements.ts';
import { periodMethod, untestedIn } from './method.ts';
import { type Days, most, type Records } from './period.ts';
import { residueIn } from './residue.ts';
import { inShort, practisedIn, runsOf, runsThatDidNotPass } from './runs.ts';
import { standing } from './standing.ts';

/**
 * A report on some days, of all services or of one. What holds and what does not is as the newest runs left it, so it costs the same however
 * many runs there were; of runs only those that did not pass are read, the newest, along an index. In steps, for who lets others have their turn
 * between them; what the standing is told from is read in the first.
 */
export function* periodReport(
  scope: Exclude<ReportScope, { type: 'run' }>,
  id: string,
  at: number,
  deps: ReportDeps,
): Generator<undefined, Report> {
  const days = { from: Date.parse(`${scope.from}T00:00:00Z`), to: Date.parse(`${scope.to}T00:00:00Z`) };
  const service = scope.type === 'service' ? scope.service : null;
  const { card: scorecard, items } = deps.scorecard(at);
  const known = service === null ? deps.store.proofs.all() : deps.store.proofs.ofSubject(service);
  yield;
  const proofs = aged(known, items, at);
  yield;
  const records = remembering(deps);
  const found = standing(proofs, at, records);
  yield;
  const residue = residueIn(days, proofs, service, records, deps);
  const daily = service === null ? deps.store.daily.runs(days.from, days.to) : [];
  const runs = service === null ? runsThatDidNotPass(days, daily, deps) : runsOf(found, records);
  const { rows: measurements, leftOut: measurementsLeftOut } = periodMeasurements(proofs, days, deps);
  const practised = practisedIn(daily, proofs, service, deps);
  const report = {
    schema: reportVersion,
    id,
    at: new Date(at).toISOString(),
    pitwall: deps.version,
    title: service === null ? `All services, ${daysText(scope)}` : `Service ${service}, ${daysText(scope)}`,
    scope,
    scorecard: service === null ? scorecard : null,
    grades: service === null ? gradesIn(days, at, deps) : [],
    practised,
    problems: found.problems.slice(0, most.problems),
    problemsLeftOut: Math.max(0, found.problems.length - most.problems),
    held: found.held.slice(0, most.held),
    heldLeftOut: Math.max(0, found.held.length - most.held),
    expired: found.expired.slice(0, most.held),
    expiredLeftOut: Math.max(0, found.expired.length - most.held),
    waived: found.waived,
    residue: residue.rows,
    residueLeftOut: residue.leftOut,
    runs: runs.rows,
    runsLeftOut: runs.leftOut,
    measurements,
    measurementsLeftOut,
    findings: found.findings,
    findingsLeftOut: found.findingsLeftOut,
    notTested: untestedIn({ proofs, practised, scorecard, service }, deps),
    method: periodMethod(scope, at, { scorecard, version: deps.version }),
  } satisfies Omit<Report, 'inShort'>;
  return { ...report, inShort: inShort({ scope, at, found, left: residue.rows.length + residue.leftOut, daily, scorecard, service }) };
}

/** `1 to 22 November 2026` would be read differently where months come first; ISO days are not. */
function daysText({ from, to }: { readonly from: string; readonly to: string }): string {
  return from === to ? from : `${from} to ${to}`;
}

function gradesIn({ from, to }: Days, at: number, { store }: ReportDeps): Report['grades'] {
  const dayMs = 86_400_000;
  const back = Math.ceil((at - from) / dayMs) + 1;
  const last = new Date(to).toISOString().slice(0, 10);
  const first = new Date(from).toISOString().slice(0, 10);
  return store.scorecards
    .history(back, at)
    .filter(({ day }) => day >= first && day <= last)
    .map(({ day, grade, proven, coverage }) => ({ day, grade, proven, coverage }));
}

/** Of more runs than so many the evidence is not read: what it would add is a click away. */
const mostRead = 60;

function remembering({ store }: ReportDeps): Records {
  const known = new Map<string, RunRecord | null>();
  return (runId) => {
    const had = known.get(runId);
    if (had !== undefined) return had;
    if (known.size >= mostRead) return null;
    const record = store.runs.record(runId);
    known.set(runId, record);
    return record;
  };
}
