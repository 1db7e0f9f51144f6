import type { Proof } from '../../domain/proof.ts';
import type { Measurement, RunRecord } from '../../domain/words.ts';
import { whatToDo } from '../advice/remedies.ts';
import { type Asked, asked } from '../identity.ts';
import { compare, worstFirst } from '../order.ts';
import type { FindingRow, Held, MeasurementRow, Problem } from '../schema.ts';
import { valueText } from '../wording.ts';

/** What one run found, as a report has it. */
export interface RunFindings {
  readonly problems: Problem[];
  readonly waived: Problem[];
  readonly held: Held[];
  readonly findings: FindingRow[];
  readonly measurements: MeasurementRow[];
}

/** `proofs`: of the run's drill, kind and engine: they know since when something is so. */
export function runFindings(record: RunRecord, proofs: readonly Proof[]): RunFindings {
  const about = new Map(proofs.map((proof) => [JSON.stringify([proof.subject, proof.item]), proof]));
  const since = (subject: string, item: string, state: Proof['state']) => {
    const proof = about.get(JSON.stringify([subject, item]));
    if (record.endedAt === null || proof?.state !== state || proof.changedAt > Date.parse(record.endedAt)) return record.endedAt;
    return new Date(proof.changedAt).toISOString();
  };
  const all = asked(record);
  const questions = all.flatMap((one) => (isWrong(one) ? [findingProblem(record, one, since)] : []));
  const open = questions.filter(({ waivedUntil }) => waivedUntil === null);
  const missed = missedOf(record, since);
  const own = verdictProblem(record, [...open, ...missed]);
  return {
    problems: worstFirst([...open, ...missed, ...(own === null ? [] : [own])]),
    waived: worstFirst(questions.filter(({ waivedUntil }) => waivedUntil !== null)),
    held: heldOf(record, all),
    findings: all.map((one) => findingRow(record, one, since)),
    measurements: record.measurements.map((one) => measurementRow(record, one)),
  };
}

type Since = (subject: string, item: string, state: Proof['state']) => string | null;

function isWrong({ worst }: Asked): boolean {
  return worst.state === 'broken' || worst.state === 'inconclusive';
}

/** The parts that every row has. */
function fromRun(record: RunRecord) {
  const { kind, drill, engine, id } = record;
  return { kind, drill, engine: engine.name, run: id, at: record.endedAt ?? record.startedAt };
}

function findingProblem(record: RunRecord, one: Asked, since: Since): Problem {
  const { worst, subject } = one;
  const state = worst.state === 'broken' ? 'broken' : 'inconclusive';
  return {
    ...fromRun(record),
    state,
    severity: worst.severity,
    item: worst.probe,
    title: worst.title,
    subject,
    targets: targetsOf(one),
    evidence: evidenceOf(one),
    todo: whatToDo({ kind: record.kind, item: worst.probe, state }),
    since: since(subject, worst.probe, state),
    waivedUntil: worst.waivedUntil,
  };
}

function targetsOf({ all, worst }: Asked): string[] {
  return [...new Set(all.filter(({ state }) => state === worst.state).flatMap(({ target }) => target ?? []))].sort(compare);
}

/** Of those that answered as the worst; the same of several once. */
function evidenceOf({ all, worst }: Asked): string {
  const byText = new Map<string, string[]>();
  for (const { evidence, target, state } of all)
    if (state === worst.state) byText.set(evidence, [...(byText.get(evidence) ?? []), ...(target === null ? [] : [target])]);
  if (byText.size === 1) return worst.evidence;
  return [...byText].map(([text, targets]) => `${targets.join(', ')}: ${text}`).join('\n');
}

function missedOf(record: RunRecord, since: Since): Problem[] {
  const groups = new Map<string, Measurement[]>();
  for (const one of record.measurements) {
    if (one.met !== false) continue;
    const key = JSON.stringify([subjectOfTarget(record, one.target), one.name]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].flatMap(([key, several]) => {
    const [subject = '', item = ''] = JSON.parse(key) as string[];
    const worst = several.toSorted((a, b) => (a.objective !== null && 'min' in a.objective ? a.value - b.value : b.value - a.value))[0];
    if (worst === undefined) return [];
    return [
      {
        ...fromRun(record),
        state: 'missed' as const,
        severity: 'high' as const,
        item,
        title: valueText(item, worst.value, worst.unit, worst.objective),
        subject,
        targets: [...new Set(several.flatMap(({ target }) => target ?? []))].sort(compare),
        evidence: null,
        todo: whatToDo({ kind: record.kind, item, state: 'missed' }),
        since: since(subject, item, 'broken'),
        waivedUntil: null,
      },
    ];
  });
}

/** Null where what was found says why the run did not pass. */
function verdictProblem(record: RunRecord, found: readonly Problem[]): Problem | null {
  const { verdict, reason } = record;
  if (verdict === null || verdict === 'passed') return null;
  if ((verdict === 'failed' || verdict === 'inconclusive') && found.some(({ item }) => reason.includes(item))) return null;
  const state = verdict === 'failed' ? 'broken' : 'inconclusive';
  return {
    ...fromRun(record),
    state,
    severity: 'high',
    item: 'verdict',
    title: `The run ${verdict === 'failed' ? 'failed' : verdict === 'error' ? 'ended with an error' : `was ${verdict}`}: ${reason}`,
    subject: '',
    targets: [],
    evidence: null,
    todo: whatToDo({ kind: record.kind, item: 'verdict', state }),
    since: record.endedAt,
    waivedUntil: null,
  };
}

function heldOf(record: RunRecord, all: readonly Asked[]): Held[] {
  const at = record.endedAt ?? record.startedAt;
  const rows = new Map<string, { readonly item: string; readonly title: string; readonly subjects: Set<string> }>();
  const add = (item: string, title: string, subject: string) => {
    const key = JSON.stringify([item, title]);
    const row = rows.get(key) ?? { item, title, subjects: new Set<string>() };
    if (subject !== '') row.subjects.add(subject);
    rows.set(key, row);
  };
  for (const { worst, subject } of all) if (worst.state === 'holds') add(worst.probe, worst.title, subject);
  for (const { name, target, value, unit, objective, met } of record.measurements)
    if (met === true && objective !== null) add(name, valueText(name, value, unit, objective), target ?? '');
  return [...rows.values()]
    .map(({ item, title, subjects }) => ({
      kind: record.kind,
      item,
      title,
      subjects: [...subjects].sort(compare),
      moreSubjects: 0,
      at,
      ageing: false,
      expiresAt: null,
    }))
    .sort((a, b) => compare(a.item, b.item) || compare(a.title, b.title));
}

function findingRow(record: RunRecord, one: Asked, since: Since): FindingRow {
  const { worst, subject } = one;
  const wrong = worst.state === 'broken' || worst.state === 'inconclusive';
  return {
    ...fromRun(record),
    probe: worst.probe,
    title: worst.title,
    subject,
    targets: targetsOf(one),
    state: worst.state,
    expired: false,
    severity: worst.severity,
    since: wrong ? since(subject, worst.probe, worst.state === 'broken' ? 'broken' : 'inconclusive') : null,
    waivedUntil: worst.waivedUntil,
    evidence: evidenceOf(one),
  };
}

function measurementRow(record: RunRecord, one: Measurement): MeasurementRow {
  const { name, target, value, unit, objective, met } = one;
  return {
    ...fromRun(record),
    subject: subjectOfTarget(record, target),
    target,
    name,
    value,
    unit,
    objective,
    met,
    expired: false,
    period: null,
  };
}

function subjectOfTarget(record: RunRecord, target: string | null): string {
  if (target === null) return '';
  return record.targets.find(({ name }) => name === target)?.service ?? target;
}
