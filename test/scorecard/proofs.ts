/** Proofs for tests: plain ones, and arbitrary ones. */
import fc from 'fast-check';
import type { Proof, ProofState } from '../../src/domain/proof.ts';
import { drillKinds, type Severity } from '../../src/domain/words.ts';
import type { ScorecardInput } from '../../src/scorecard/scorecard.ts';

export const day = 86_400_000;
/** A Sunday, noon UTC. */
export const now = Date.UTC(2026, 10, 22, 12);

export function proof(change: Partial<Proof> = {}): Proof {
  return {
    engine: 'local',
    drill: 'sandbox-shop',
    kind: 'adversarial-probe',
    subject: 'web',
    item: 'PRV-01',
    type: 'finding',
    title: 'what holds',
    severity: 'high',
    state: 'holds',
    targets: ['shop-web-1'],
    brokenOn: [],
    waivedUntil: null,
    unit: null,
    objective: null,
    recent: [],
    best: null,
    runId: '01JD000000000000000000000A',
    at: now,
    changedAt: now - 30 * day,
    was: null,
    ...change,
  };
}

/** @param values of the last runs in ms, oldest first */
export function timed(name: string, most: number, values: readonly number[], change: Partial<Proof> = {}): Proof {
  const recent = values.map((value, i) => ({ runId: `run-${i}`, at: now - (values.length - i) * day, value, met: value <= most }));
  return proof({
    item: name,
    title: name,
    type: 'objective',
    unit: 'ms',
    objective: { max: most },
    recent,
    best: Math.min(...values),
    state: recent.at(-1)?.met === false ? 'broken' : 'holds',
    ...change,
  });
}

export function input(proofs: readonly Proof[], change: Partial<ScorecardInput> = {}): ScorecardInput {
  return { proofs, at: now, since: now - 7 * day, cadences: new Map(), kinds: drillKinds, ...change };
}

/** One holding finding for every kind: the best that there is. */
export function everything(change: Partial<Proof> = {}): Proof[] {
  return drillKinds.map((kind) => proof({ kind, drill: `drill-${kind}`, item: `${kind}-1`, ...change }));
}

const severity = fc.constantFrom<Severity>('critical', 'high', 'medium', 'low');
const state = fc.constantFrom<ProofState>('holds', 'holds', 'holds', 'broken', 'inconclusive');
const items = ['FS-03', 'PRV-07', 'A-1', 'A-2', 'A-3', 'time_to_x', 'verdict'];

const one: fc.Arbitrary<Proof> = fc
  .record({
    kind: fc.constantFrom(...drillKinds),
    drill: fc.constantFrom('', 'one', 'two'),
    subject: fc.constantFrom('', 'web', 'api', 'db'),
    item: fc.constantFrom(...items),
    severity,
    state,
    age: fc.oneof(fc.constant(0), fc.integer({ min: -1, max: 400 })),
    changed: fc.integer({ min: 0, max: 20 }),
    was: fc.option(state),
    waiver: fc.option(fc.integer({ min: -5, max: 40 })),
    values: fc.array(fc.record({ value: fc.nat(20_000), met: fc.option(fc.boolean()) }), { minLength: 1, maxLength: 5 }),
    bound: fc.constantFrom({ max: 5_000 }, { max: 0 }, { min: 0.5 }),
    unit: fc.constantFrom('ms', 'count', 'ratio', 'bytes'),
  })
  .map(({ age, changed, waiver, values, bound, unit, ...given }) => {
    const at = now - age * day;
    const type = given.item === 'verdict' ? 'verdict' : given.item === 'time_to_x' ? 'objective' : 'finding';
    const recent = values.map((value, i) => ({ ...value, runId: `run-${i}`, at: at - (values.length - 1 - i) * day }));
    return proof({
      ...given,
      type,
      at,
      changedAt: at - changed * day,
      waivedUntil: type === 'finding' && given.state === 'broken' && waiver !== null ? dayText(now + waiver * day) : null,
      ...(type === 'objective' ? { unit, objective: bound, recent, best: values[0]?.value ?? null } : {}),
    });
  });

/** As a database holds them: no two answers to one question. Half of them are near the best, where caps and letters matter. */
export const arbitraryProofs: fc.Arbitrary<readonly Proof[]> = fc
  .tuple(fc.boolean(), fc.uniqueArray(one, { selector: keyOf, maxLength: 25 }))
  .map(([good, some]) => {
    const known = new Set(some.map(keyOf));
    return good ? [...some.slice(0, 3), ...everything().filter((each) => !known.has(keyOf(each)))] : some;
  });

export const arbitraryProof = one;

export const arbitraryInput: fc.Arbitrary<ScorecardInput> = fc
  .record({
    proofs: arbitraryProofs,
    kinds: fc.oneof(fc.constant(drillKinds), fc.subarray([...drillKinds], { minLength: 1 })),
    one: fc.option(fc.integer({ min: 1, max: 500 })),
    since: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ proofs, kinds, one: every, since }) =>
    input(proofs, { kinds, since: now - since * day, cadences: new Map(every === null ? [] : [['one', (every * day) / 4]]) }),
  );

export function keyOf({ engine, drill, kind, subject, item }: Proof): string {
  return [engine, drill, kind, subject, item].join(' ');
}

export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
