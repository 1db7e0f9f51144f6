import { expect, test } from 'vitest';
import type { Proof } from '../../domain/proof.ts';
import { itemsOf } from '../../scorecard/items.ts';
import { expiringProofs } from './expiring.ts';

const day = 86_400_000;
const now = 1_000 * day;

function proof(item: string, ageDays: number, change: Partial<Proof> = {}): Proof {
  const at = now - ageDays * day;
  return {
    engine: 'local',
    drill: 'sandbox',
    kind: 'adversarial-probe',
    subject: 'web',
    item,
    type: 'finding',
    title: item,
    severity: 'high',
    state: 'holds',
    targets: ['web-1'],
    brokenOn: [],
    waivedUntil: null,
    unit: null,
    objective: null,
    recent: [],
    best: null,
    runId: 'R',
    at,
    changedAt: at,
    was: null,
    ...change,
  };
}

const expiring = (proofs: readonly Proof[]) =>
  expiringProofs(itemsOf({ proofs, at: now, cadences: new Map([['sandbox', 7 * day]]), kinds: ['adversarial-probe'] }), now);

test('what holds and expires within a cadence, a drill at a time; neither what is fresh, broken, nor what has expired', () => {
  const [first] = expiring([
    proof('A', 22),
    proof('B', 23),
    proof('C', 1),
    proof('D', 29),
    proof('E', 23, { state: 'broken', brokenOn: ['web-1'] }),
    proof('F', 23, { state: 'inconclusive' }),
  ]);
  expect(first).toEqual({ drill: 'sandbox', kind: 'adversarial-probe', engine: 'local', items: 2, expiresAt: now + 5 * day });
  expect(expiring([proof('A', 20), proof('D', 29)])).toEqual([]);
  expect(expiring([proof('A', 22), proof('A', 22, { engine: 'far' })]).length).toBe(2);
});
