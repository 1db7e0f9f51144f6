import type { Proof } from '../../domain/proof.ts';
import { isWaived } from '../../scorecard/waived.ts';
import { whatToDo } from '../advice/remedies.ts';
import { asked as askedOf } from '../identity.ts';
import { worstFirst } from '../order.ts';
import type { FindingRow, Problem } from '../schema.ts';
import { valueText } from '../wording.ts';
import type { Aged } from './aged.ts';
import { most, type Records, type Standing } from './period.ts';
import { expiredOf, heldOf } from './standing-held.ts';

/** What holds and what does not, as the newest runs left it. `at`: UTC ms; a waiver whose last day is over waives nothing. */
export function standing(proofs: readonly Aged[], at: number, records: Records): Standing {
  const asks = proofs.filter(({ type }) => type !== 'verdict');
  const wrong = asks.filter(({ state }) => state !== 'holds');
  // a drill as a whole says something only where nothing that it asked does
  const explained = new Set(wrong.map(drillKey));
  const wholes = proofs.filter((proof) => proof.type === 'verdict' && proof.state !== 'holds' && !explained.has(drillKey(proof)));
  const bare = worstFirst([...wrong, ...wholes].map((proof) => problemOf(proof)));
  // by the scorecard's own rule, or the two would not list the same
  const isAccepted = (problem: Problem) => isWaived({ ...problem, type: 'finding', at: Date.parse(problem.at) }, at);
  const detailed = (problems: Problem[]) => problems.map((problem, i) => (i < most.problems ? withEvidence(problem, records) : problem));
  // read first: the reason and the owner of a waiver are in what was seen
  const waived = detailed(bare.filter(isAccepted)).slice(0, most.problems);
  const problems = detailed(bare.filter((problem) => !isAccepted(problem)));
  const evidence = new Map([...problems, ...waived].map((problem) => [keyOf(problem), problem.evidence]));
  const asked = asks.filter(({ type }) => type === 'finding');
  // what is wrong is listed before what holds
  const listed = [...asked.filter(({ state }) => state !== 'holds'), ...asked.filter(({ state }) => state === 'holds')].slice(
    0,
    most.findings,
  );
  return {
    problems,
    waived,
    held: heldOf(asks.filter(({ state, expired }) => state === 'holds' && !expired)),
    expired: expiredOf(asks.filter(({ expired }) => expired)),
    findings: listed.map((proof) => findingRow(proof, evidence.get(proofKey(proof)) ?? null)),
    findingsLeftOut: asked.length - listed.length,
  };
}

function drillKey({ engine, drill, kind }: Proof): string {
  return JSON.stringify([engine, drill, kind]);
}

function proofKey({ engine, drill, kind, subject, item }: Proof): string {
  return JSON.stringify([engine, drill === '' ? null : drill, kind, subject, item]);
}

function keyOf({ engine, drill, kind, subject, item }: Problem): string {
  return JSON.stringify([engine, drill, kind, subject, item]);
}

function fromProof({ kind, drill, engine, runId, at }: Proof) {
  return { kind, drill: drill === '' ? null : drill, engine, run: runId, at: iso(at) };
}

function problemOf(proof: Proof): Problem {
  const { type, item, kind, subject, severity, targets, brokenOn } = proof;
  const state = proof.state === 'broken' ? (type === 'objective' ? 'missed' : 'broken') : 'inconclusive';
  return {
    ...fromProof(proof),
    state,
    severity,
    item,
    title: titleOf(proof),
    subject,
    targets: (brokenOn.length > 0 ? brokenOn : targets).filter((name) => name !== ''),
    evidence: null,
    todo: whatToDo({ kind, item, state }),
    since: iso(proof.changedAt),
    waivedUntil: proof.waivedUntil,
  };
}

function titleOf({ type, item, title, drill, kind, unit, recent, objective }: Proof): string {
  if (type === 'verdict') return `The drill ${drill === '' ? kind : drill} as a whole`;
  const last = recent.at(-1);
  return type === 'objective' && last !== undefined && unit !== null ? valueText(item, last.value, unit, objective) : title;
}

/** What the run that said so last has written of it. */
function withEvidence(problem: Problem, records: Records): Problem {
  const record = records(problem.run);
  if (record === null) return problem;
  if (problem.item === 'verdict') return { ...problem, evidence: record.reason };
  const same = askedOf(record).filter(({ worst, subject }) => worst.probe === problem.item && subject === problem.subject);
  const said = same.filter(({ worst }) => worst.state === problem.state);
  // one probe may ask a service more than one question, and the proof has the worst
  const texts = said.map(({ worst }) => (worst.title === problem.title ? worst.evidence : `${worst.title}: ${worst.evidence}`));
  return texts.length === 0 ? problem : { ...problem, evidence: texts.slice(0, most.names).join('\n') };
}

function findingRow(proof: Aged, evidence: string | null): FindingRow {
  const { item, title, subject, targets, state, expired, severity, changedAt, waivedUntil } = proof;
  const rest = {
    probe: item,
    title,
    subject,
    targets: targets.filter((name) => name !== ''),
    state,
    expired,
    severity,
    waivedUntil,
    evidence,
  };
  return { ...fromProof(proof), ...rest, since: iso(changedAt) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
