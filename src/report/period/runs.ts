import type { Proof } from '../../domain/proof.ts';
import type { RunSummary, Verdict } from '../../domain/words.ts';
import type { Scorecard } from '../../scorecard/scorecard.ts';
import type { DailyRuns } from '../../store/daily.ts';
import { alike } from '../alike.ts';
import type { ReportDeps } from '../deps.ts';
import { compare } from '../order.ts';
import type { Practised, ReportScope, RunRow } from '../schema.ts';
import { counted, percent, utc } from '../wording.ts';
import { type Days, most, type Records, type Standing } from './period.ts';

const dayMs = 86_400_000;
const verdicts: readonly Verdict[] = ['passed', 'failed', 'inconclusive', 'refused', 'aborted', 'error'];

/** The newest of those that ended otherwise than passed. */
export function runsThatDidNotPass({ from, to }: Days, daily: readonly DailyRuns[], { store }: ReportDeps) {
  const found = verdicts
    .filter((verdict) => verdict !== 'passed')
    .flatMap((verdict) => store.runs.list({ verdict, since: from, until: to + dayMs, limit: most.runs }))
    .sort((a, b) => compare(b.id, a.id));
  const rows = found.slice(0, most.runs).map(rowOf);
  const all = daily.reduce((sum, { verdict, n }) => sum + (verdict === 'passed' ? 0 : n), 0);
  return { rows, leftOut: Math.max(0, all - rows.length) };
}

/** Of one service: the runs that what does not hold there is known from. */
export function runsOf(found: Standing, records: Records) {
  const ids = [...new Set([...found.problems, ...found.waived].map(({ run }) => run))].sort((a, b) => compare(b, a));
  const rows = ids.flatMap((id) => {
    const record = records(id);
    return record === null ? [] : [rowOf({ ...record, targetCount: record.targets.filter(({ leftOut }) => leftOut === null).length })];
  });
  return { rows, leftOut: ids.length - rows.length };
}

function rowOf(run: Omit<RunSummary, 'exitCode'>): RunRow {
  const { id, drill, kind, engine, startedAt, durationMs, verdict, reason, trigger, actor, targetCount } = run;
  return { kind, drill, engine: engine.name, run: id, startedAt, durationMs, verdict, reason, trigger, actor, targets: targetCount };
}

/** By drill. Of one service it is known which drills asked about it, and not how often. */
export function practisedIn(
  daily: readonly DailyRuns[],
  proofs: readonly Proof[],
  service: string | null,
  { kinds }: ReportDeps,
): Practised[] {
  const rows = new Map<string, { kind: string; drill: string; ms: number; byVerdict: Map<Verdict, number> }>();
  const row = (kind: string, drill: string) => {
    const key = JSON.stringify([kind, drill]);
    const one = rows.get(key) ?? { kind, drill, ms: 0, byVerdict: new Map<Verdict, number>() };
    rows.set(key, one);
    return one;
  };
  if (service !== null) for (const { kind, drill } of proofs) row(kind, drill);
  for (const { kind, drill, verdict, n, durationMs } of daily) {
    const one = row(kind, drill);
    one.ms += durationMs;
    one.byVerdict.set(verdict, (one.byVerdict.get(verdict) ?? 0) + n);
  }
  return [...rows.values()]
    .sort((a, b) => compare(a.kind, b.kind) || compare(a.drill, b.drill))
    .map(({ kind, drill, ms, byVerdict }) => {
      const runs = [...byVerdict.values()].reduce((sum, n) => sum + n, 0);
      return {
        kind,
        drill: drill === '' ? null : drill,
        what: kinds.get(kind)?.summary ?? '',
        runs,
        verdicts: verdicts.flatMap((verdict) => (byVerdict.has(verdict) ? [{ verdict, n: byVerdict.get(verdict) ?? 0 }] : [])),
        meanMs: runs === 0 ? null : ms / runs,
      };
    });
}

interface Told {
  readonly scope: Exclude<ReportScope, { type: 'run' }>;
  readonly at: number;
  readonly found: Standing;
  /** How many things were left behind. */
  readonly left: number;
  readonly daily: readonly DailyRuns[];
  readonly scorecard: Scorecard;
  readonly service: string | null;
}

/** The report in a few sentences. */
export function inShort({ scope, at, found, left, daily, scorecard, service }: Told): string[] {
  const now = utc(new Date(at).toISOString());
  return [
    ...(service === null ? [runsSentence(scope, daily)] : []),
    ...(service === null ? scoreSentences(scorecard) : serviceSentence(service, scorecard)),
    standingSentence(found, service, now),
    ...(left === 0 ? [] : [`${counted(left, 'thing was', 'things were')} left behind by drills, and must be put right by hand.`]),
    ...(scope.to < new Date(at).toISOString().slice(0, 10)
      ? [`The days of this report are over: what holds and what does not is told as it stands on ${now}, not as it stood on ${scope.to}.`]
      : []),
  ];
}

function runsSentence({ from, to }: Told['scope'], daily: readonly DailyRuns[]): string {
  const total = daily.reduce((sum, { n }) => sum + n, 0);
  if (total === 0) return `From ${from} to ${to} no drill ended: nothing was practised.`;
  const by = verdicts.flatMap((verdict) => {
    const n = daily.reduce((sum, row) => sum + (row.verdict === verdict ? row.n : 0), 0);
    return n === 0 ? [] : [`${new Intl.NumberFormat('en-GB').format(n)} ${words[verdict]}`];
  });
  const drills = new Set(daily.map(({ drill, kind }) => (drill === '' ? kind : drill))).size;
  return `From ${from} to ${to} ${counted(total, 'run')} of ${counted(drills, 'drill')} ended: ${by.join(', ')}.`;
}

const words: Readonly<Record<Verdict, string>> = {
  passed: 'passed',
  failed: 'failed',
  inconclusive: 'inconclusive',
  refused: 'refused before anything was touched',
  aborted: 'aborted and undone',
  error: 'ended by an error',
};

function scoreSentences(scorecard: Scorecard): string[] {
  const { grade, proven, coverage, caps, rubric } = scorecard;
  const [cap] = caps;
  return [
    `The grade is ${grade} by the rubric ${rubric}: ${percent(proven)} of what counts is proven, and ${percent(coverage)} was tested recently enough to know${cap === undefined ? '' : `; it is held at ${cap.atMost} at most because ${cap.because}`}.`,
  ];
}

function serviceSentence(service: string, scorecard: Scorecard): string[] {
  const score = scorecard.services.find((one) => one.service === service);
  if (score === undefined) return ['The scorecard does not know this service.'];
  return [
    `The grade of ${service} is ${score.grade}: of what was ever practised on it ${percent(score.proven)} is proven; of all that counts ${percent(score.coverage)} was tested recently enough to know.`,
  ];
}

function standingSentence({ problems, waived, held, expired }: Standing, service: string | null, now: string): string {
  const wrong = alike(problems.filter(({ state }) => state !== 'inconclusive'));
  const unknown = alike(problems.filter(({ state }) => state === 'inconclusive')).length;
  const worst = wrong[0]?.problem;
  const where = service === null ? '' : ` of ${service}`;
  return [
    wrong.length === 0
      ? `As of ${now} nothing${where} is known not to hold`
      : `As of ${now} ${counted(wrong.length, 'thing')}${where} ${wrong.length === 1 ? 'does' : 'do'} not hold${worst === undefined ? '' : `, the worst: ${worst.title}${worst.subject === '' || service !== null ? '' : ` (${worst.subject})`}`}`,
    ...(unknown > 0 ? [`${unknown} ${unknown === 1 ? 'is' : 'are'} not known, which is not the same as good`] : []),
    `${counted(held.length, 'question is', 'questions are')} answered with “holds”`,
    ...(expired.length > 0 ? [`${counted(expired.length, 'more was', 'more were')}, too long ago to prove anything: practise again`] : []),
    ...(waived.length > 0 ? [`${waived.length} ${waived.length === 1 ? 'is' : 'are'} known and accepted for a time`] : []),
  ]
    .join('; ')
    .concat('.');
}
