/**
 * What an ended run changes in the proof of its drill. Kept apart from any store, so that the same runs always leave the same proof.
 *
 * A question's new answer replaces the old one, but for this: what was found broken stays until the same probe holds on the same
 * containers, or on the service's others when those are gone. Being asked in vain, or not at all, mends nothing.
 */
import type { Proof, ProofState, ProofValue } from './proof.ts';
import type { Finding, Measurement, Severity, TargetRecord, Verdict } from './words.ts';

export interface EndedRun {
  readonly runId: string;
  /** UTC ms. */
  readonly endedAt: number;
  readonly engine: string;
  /** Empty for a run without a drill. */
  readonly drill: string;
  readonly kind: string;
  readonly verdict: Verdict;
  readonly hasResidue: boolean;
  /**
   * Which containers beside the targets are still there: those named, all, or, where nobody asked (runs of before there was proof), none.
   * One that is there and was not asked stays broken.
   */
  readonly present?: readonly string[] | 'all' | 'targets' | undefined;
  /** Those left out too: that one is listed tells that it is still there. */
  readonly targets: readonly Pick<TargetRecord, 'name' | 'service' | 'outcome' | 'leftOut'>[];
  readonly findings: readonly Pick<Finding, 'probe' | 'title' | 'target' | 'state' | 'severity' | 'waivedUntil'>[];
  readonly measurements: readonly Measurement[];
}

export interface FoldedProof {
  readonly set: readonly Proof[];
  readonly removed: readonly Proof[];
}

/** `before`: what is known of the same drill, kind and engine. */
export function foldRun(before: readonly Proof[], run: EndedRun): FoldedProof {
  const known = new Map(before.map((proof) => [keyOf(proof), proof]));
  // what is told later is later, also when somebody has set the clock back
  const endedAt = Math.max(run.endedAt, ...before.map(({ at }) => at));
  const serviceOf = new Map(run.targets.map(({ name, service }) => [name, service ?? name]));
  const context: Context = { run: { ...run, endedAt }, known, serviceOf };
  const findings = foldFindings(context);
  const objectives = isTest(run.verdict) ? foldObjectives(context) : [];
  const verdict = isTest(run.verdict) || run.hasResidue ? [foldVerdict(context)] : [];
  const answered = [...findings, ...objectives, ...verdict].filter((proof) => proof !== null);
  const set = [...answered, ...unanswered(context, new Set(answered.map(keyOf)))];
  return { set, removed: superseded(context, new Set(set.map(keyOf))) };
}

/** Values that an objective keeps. */
const kept = 5;

interface Context {
  readonly run: EndedRun;
  readonly known: ReadonlyMap<string, Proof>;
  readonly serviceOf: ReadonlyMap<string, string>;
}

/** Refused, aborted and broken off runs say nothing about what they did not get to; only what they found broken counts. */
function isTest(verdict: Verdict): boolean {
  return verdict === 'passed' || verdict === 'failed' || verdict === 'inconclusive';
}

function keyOf({ subject, type, item }: Pick<Proof, 'subject' | 'type' | 'item'>): string {
  return JSON.stringify([type, subject, item]);
}

type Answer = Pick<Proof, 'state' | 'title' | 'severity' | 'targets' | 'brokenOn' | 'waivedUntil'>;

function foldFindings(context: Context): readonly (Proof | null)[] {
  const { run, serviceOf } = context;
  const groups = groupedBy(run.findings, (finding) => {
    const subject = finding.target === null ? '' : (serviceOf.get(finding.target) ?? finding.target);
    return keyOf({ subject, type: 'finding', item: finding.probe });
  });
  return [...groups].map(([key, group]) => {
    const old = context.known.get(key);
    const answer = answerOf(group);
    if (!isTest(run.verdict) && answer?.state !== 'broken') return old ?? null;
    const [, subject = '', item = ''] = JSON.parse(key) as string[];
    const left = stillBroken(context, old, group);
    // the questions that were asked in vain leave what was found before as it was found
    if (old !== undefined && left.length > 0 && answer?.state !== 'broken') return { ...old, brokenOn: left };
    if (answer === null) return null;
    const brokenOn = [...new Set([...answer.brokenOn, ...left])].toSorted();
    return renewed(context, old, { subject, type: 'finding', item, ...answer, ...together(old, answer, left), brokenOn });
  });
}

/** What is still broken elsewhere counts as it was found; and that nothing could be said of something grave does not make what is broken slight. */
function together(old: Proof | undefined, answer: Answer, left: readonly string[]): Pick<Answer, 'title' | 'severity' | 'waivedUntil'> {
  const kept = left.length > 0 ? old : undefined;
  const graver = answer.state === 'broken' && old?.state === 'inconclusive' ? old : kept;
  const isGraver = graver !== undefined && weights[graver.severity] > weights[answer.severity];
  return {
    title: isGraver && kept !== undefined ? kept.title : answer.title,
    severity: isGraver ? graver.severity : answer.severity,
    waivedUntil: kept === undefined ? answer.waivedUntil : earlier(kept.waivedUntil, answer.waivedUntil),
  };
}

/** Of two waivers the one that ends first; with one that is not waived, none. */
function earlier(one: string | null, other: string | null): string | null {
  return one === null || other === null ? null : one < other ? one : other;
}

function answerOf(group: readonly EndedRun['findings'][number][]): Answer | null {
  const targets = [...new Set(group.map(({ target }) => target ?? ''))].toSorted();
  const broken = group.filter(({ state }) => state === 'broken');
  const open = broken.filter(({ waivedUntil }) => waivedUntil === null);
  const counted = open.length > 0 ? open : broken;
  const worst = worstOf(counted);
  if (worst !== undefined) {
    const waivedUntil = open.length > 0 ? null : (counted.map((finding) => lastDay(finding.waivedUntil ?? '')).toSorted()[0] ?? null);
    const brokenOn = [...new Set(broken.map(({ target }) => target ?? ''))].toSorted();
    return { state: 'broken', title: worst.title, severity: worst.severity, targets, brokenOn, waivedUntil };
  }
  for (const state of ['inconclusive', 'holds'] as const) {
    const one = worstOf(group.filter((finding) => finding.state === state));
    if (one !== undefined) return { state, title: one.title, severity: one.severity, targets, brokenOn: [], waivedUntil: null };
  }
  return null;
}

/** A finding says at which instant its waiver is over; for who reads a score the last day that it holds, UTC, is what counts. */
function lastDay(until: string): string {
  const over = Date.parse(until);
  // what is no instant waives nothing
  if (Number.isNaN(over)) return '';
  return until.length === 10 ? until : new Date(over - 1).toISOString().slice(0, 10);
}

/** Where the old answer was broken and the run did not say otherwise. */
function stillBroken({ run }: Context, old: Proof | undefined, group: EndedRun['findings']): readonly string[] {
  if (old?.state !== 'broken') return [];
  const isSaid = (state: Finding['state'], name: string) => group.some((one) => one.state === state && (one.target ?? '') === name);
  const holdsSomewhere = group.some(({ state }) => state === 'holds');
  const { present = 'targets' } = run;
  const isThere = (name: string) =>
    name === '' ||
    present === 'all' ||
    run.targets.some((target) => target.name === name) ||
    (present !== 'targets' && present.includes(name));
  return old.brokenOn.filter((name) => {
    if (isSaid('broken', name)) return false;
    // of several findings of one probe all must hold
    if (isSaid('holds', name)) return isSaid('inconclusive', name);
    return isThere(name) || !holdsSomewhere;
  });
}

function foldObjectives(context: Context): readonly Proof[] {
  const { run, serviceOf } = context;
  const withBound = run.measurements.filter(({ objective }) => objective !== null);
  const groups = groupedBy(withBound, ({ target, name }) => {
    const subject = target === null ? '' : (serviceOf.get(target) ?? target);
    return keyOf({ subject, type: 'objective', item: name });
  });
  return [...groups].map(([key, group]) => {
    const [, subject = '', item = ''] = JSON.parse(key) as string[];
    const old = context.known.get(key);
    const worst = group.reduce((one, other) => (isWorse(other, one) ? other : one));
    const value: ProofValue = { runId: run.runId, at: run.endedAt, value: worst.value, met: worst.met };
    const best = old?.best ?? null;
    return renewed(context, old, {
      subject,
      type: 'objective',
      item,
      title: item,
      severity: 'high',
      state: stateOf(group),
      targets: [...new Set(group.map(({ target }) => target ?? ''))].toSorted(),
      brokenOn: group.filter(({ met }) => met === false).map(({ target }) => target ?? ''),
      waivedUntil: null,
      unit: worst.unit,
      objective: worst.objective,
      // a value of another unit is of another objective
      recent: [...(old?.unit === worst.unit ? old.recent : []), value].slice(-kept),
      best: best === null || old?.unit !== worst.unit || isWorse({ ...worst, value: best }, worst) ? worst.value : best,
    });
  });
}

function stateOf(group: readonly Measurement[]): ProofState {
  if (group.some(({ met }) => met === false)) return 'broken';
  return group.some(({ met }) => met === null) ? 'inconclusive' : 'holds';
}

/** With `min` in its objective, less is worse. */
function isWorse(one: Measurement, other: Measurement): boolean {
  return one.objective !== null && 'min' in one.objective ? one.value < other.value : one.value > other.value;
}

function foldVerdict(context: Context): Proof {
  const { run, known } = context;
  const old = known.get(keyOf({ subject: '', type: 'verdict', item: 'verdict' }));
  const state = run.hasResidue || run.verdict === 'failed' ? 'broken' : run.verdict === 'passed' ? 'holds' : 'inconclusive';
  if (old?.state === 'broken' && state === 'inconclusive') return old;
  const answer: Answer = { state, title: 'the drill as a whole', severity: 'high', targets: [''], brokenOn: [], waivedUntil: null };
  return renewed(context, old, { subject: '', type: 'verdict', item: 'verdict', ...answer });
}

type New = Answer & Pick<Proof, 'subject' | 'type' | 'item'> & Partial<Pick<Proof, 'unit' | 'objective' | 'recent' | 'best'>>;

function renewed({ run }: Context, old: Proof | undefined, answer: New): Proof {
  const isNew = old === undefined || old.state !== answer.state;
  return {
    engine: run.engine,
    drill: run.drill,
    kind: run.kind,
    unit: null,
    objective: null,
    recent: [],
    best: null,
    ...answer,
    runId: run.runId,
    at: run.endedAt,
    changedAt: isNew ? run.endedAt : old.changedAt,
    was: isNew ? (old?.state ?? null) : old.was,
  };
}

/**
 * What was asked of something and is not answered now, although the run worked on it. A probe that holds for the run as a whole holds for
 * each of its subjects. An objective without its value is not known: values lack where things went worst.
 */
function unanswered(context: Context, answered: ReadonlySet<string>): readonly Proof[] {
  const { run, known } = context;
  if (!isTest(run.verdict)) return [];
  const wholeHolds = run.findings.filter(
    ({ probe, state, target }) =>
      state === 'holds' && target === null && !run.findings.some((other) => other.probe === probe && other.state === 'broken'),
  );
  const worked = run.targets.filter(({ leftOut, outcome }) => leftOut === null && outcome !== idle);
  return [...known.values()].flatMap((proof) => {
    if (answered.has(keyOf(proof))) return [];
    const holds = wholeHolds.find(({ probe }) => proof.type === 'finding' && proof.item === probe);
    if (holds !== undefined)
      return renewed(context, proof, { ...proof, state: 'holds', title: holds.title, brokenOn: [], waivedUntil: null });
    const isLost =
      proof.type === 'objective' &&
      run.verdict !== 'passed' &&
      proof.targets.some((name) => name === '' || worked.some((one) => one.name === name));
    return isLost ? renewed(context, proof, { ...proof, state: 'inconclusive' }) : [];
  });
}

/** The outcome of a target that needed nothing, of which nothing was asked. */
const idle = 'not due';

/**
 * What a run that got to the end no longer asks of the containers that it worked on, or that are gone, is no question any more: a probe
 * that does not apply, a service that shrank. Only where it did ask about the same subject; and never a finding that is broken.
 */
function superseded({ run, known }: Context, answered: ReadonlySet<string>): readonly Proof[] {
  if (run.verdict !== 'passed' && run.verdict !== 'failed') return [];
  const asked = new Set([...answered].map((key) => JSON.stringify((JSON.parse(key) as string[]).slice(0, 2))));
  const workedOn = new Set(run.targets.filter(({ leftOut }) => leftOut === null).map(({ name }) => name));
  const listed = new Set(run.targets.map(({ name }) => name));
  return [...known.values()].filter(
    (proof) =>
      !answered.has(keyOf(proof)) &&
      asked.has(JSON.stringify([proof.type, proof.subject])) &&
      (proof.type === 'objective' || proof.state !== 'broken') &&
      proof.targets.every((name) => name === '' || workedOn.has(name) || !listed.has(name)),
  );
}

function groupedBy<T>(all: readonly T[], keyOfOne: (one: T) => string): Map<string, [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const one of all) {
    const key = keyOfOne(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

const weights: Readonly<Record<Severity, number>> = { critical: 3, high: 2, medium: 1, low: 0 };

function worstOf<F extends { readonly severity: Severity }>(findings: readonly F[]): F | undefined {
  return findings.toSorted((one, other) => weights[other.severity] - weights[one.severity])[0];
}
