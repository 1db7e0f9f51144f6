import { formatDuration } from '../../domain/duration.ts';
import type { RunRecord, Verdict } from '../../domain/words.ts';
import { alike } from '../alike.ts';
import type { ReportDeps } from '../deps.ts';
import { type Report, reportVersion } from '../schema.ts';
import { counted, named, utc } from '../wording.ts';
import { type RunFindings, runFindings } from './findings.ts';
import { runMethod, untested } from './method.ts';

const meanings: Readonly<Record<Verdict, string>> = {
  passed: 'It passed: what was practised held.',
  failed: 'It failed: what was practised did not hold.',
  inconclusive: 'It is inconclusive: something could not be found out, so it counts as not proven.',
  refused: 'It was refused before anything was touched, so it proves nothing.',
  aborted: 'It was stopped before its end and what it had begun was undone, so it proves nothing.',
  error: 'It ended with an error of Pitwall or of the engine, so it proves nothing.',
};

/** A report on one run, ended or not. `at`: UTC ms. */
export function runReport(record: RunRecord, id: string, at: number, deps: ReportDeps): Report {
  const { engine, kind } = record;
  const drill = record.drill ?? '';
  const proofs = deps.store.proofs.all().filter((proof) => proof.engine === engine.name && proof.drill === drill && proof.kind === kind);
  const found = runFindings(record, proofs);
  const what = deps.kinds.get(kind)?.summary ?? '';
  const name = record.drill ?? `${kind} on demand`;
  const residue = record.residue.map((sentence) => ({ run: record.id, sentence }));
  return {
    schema: reportVersion,
    id,
    at: new Date(at).toISOString(),
    pitwall: deps.version,
    title: `${name}, ${utc(record.startedAt)}`,
    scope: { type: 'run', run: record.id },
    inShort: inShort(record, found, what),
    scorecard: null,
    grades: [],
    practised: [
      {
        kind,
        drill: record.drill,
        what,
        runs: 1,
        verdicts: record.verdict === null ? [] : [{ verdict: record.verdict, n: 1 }],
        meanMs: record.durationMs,
      },
    ],
    ...found,
    problemsLeftOut: 0,
    heldLeftOut: 0,
    expired: [],
    expiredLeftOut: 0,
    residue,
    residueLeftOut: 0,
    runs: [
      {
        kind,
        drill: record.drill,
        engine: engine.name,
        run: record.id,
        startedAt: record.startedAt,
        durationMs: record.durationMs,
        verdict: record.verdict,
        reason: record.reason,
        trigger: record.trigger,
        actor: record.actor,
        targets: record.targets.filter(({ leftOut }) => leftOut === null).length,
      },
    ],
    runsLeftOut: 0,
    measurementsLeftOut: 0,
    findingsLeftOut: 0,
    notTested: untested(record, deps),
    method: runMethod(record, deps),
  };
}

function inShort(record: RunRecord, found: RunFindings, what: string): string[] {
  const { engine, targets, verdict } = record;
  const worked = targets.filter(({ leftOut }) => leftOut === null).map(({ name }) => name);
  const place = `engine ${engine.name}${engine.environment === null ? '' : ` (${engine.environment})`}`;
  const who = record.trigger === 'schedule' ? 'by the schedule' : `by ${record.actor} (${record.trigger})`;
  const took = record.durationMs === null ? '' : ` It took ${formatDuration(record.durationMs)}.`;
  return [
    `${record.drill === null ? 'A freeze on demand' : `The drill ${record.drill}`} was run ${who} on ${utc(record.startedAt)}, on ${worked.length === 0 ? 'no container' : `${counted(worked.length, 'container')} (${named(worked)})`} of ${place}.${took}`,
    ...(what === '' ? [] : [`What this kind of drill (${record.kind}) does: ${what}`]),
    verdict === null
      ? 'It still goes on: what follows is what is known so far.'
      : `${meanings[verdict]} In its own words: ${record.reason}`,
    tally(found),
    record.residue.length === 0
      ? verdict === null
        ? 'Nothing is known to be left behind so far.'
        : 'Nothing was left behind.'
      : `${counted(record.residue.length, 'thing was', 'things were')} left behind, and must be put right by hand.`,
  ];
}

function tally({ problems, held, waived }: RunFindings): string {
  const wrong = alike(problems.filter(({ state }) => state !== 'inconclusive')).length;
  const unknown = alike(problems.filter(({ state }) => state === 'inconclusive')).length;
  const parts = [
    wrong === 0 ? 'Nothing was seen that does not hold' : `${counted(wrong, 'thing does', 'things do')} not hold`,
    ...(unknown > 0 ? [`${unknown} ${unknown === 1 ? 'is' : 'are'} not known, which is not the same as good`] : []),
    `${held.length} ${held.length === 1 ? 'holds' : 'hold'}`,
    ...(waived.length > 0 ? [`${waived.length} ${waived.length === 1 ? 'is' : 'are'} known and accepted for a time`] : []),
  ];
  return `${parts.join('; ')}.`;
}
