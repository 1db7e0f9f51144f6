import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scorecardWithItems } from '../../src/scorecard/compute.ts';
import type { ScorecardInput } from '../../src/scorecard/scorecard.ts';
import { arbitraryInput, everything, input, now, proof, timed } from './proofs.ts';
import { differences } from './recompute.mjs';

function asPrinted(given: ScorecardInput) {
  const { card, items } = scorecardWithItems(given);
  return JSON.parse(JSON.stringify({ ...card, items }));
}

test('an independent script recomputes every number from what is printed', () => {
  fc.assert(
    fc.property(arbitraryInput, (one) => {
      expect(differences(asPrinted(one))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('it agrees on times of every size, and on ages to the ms', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.nat(4e9),
      (values, most, age) => {
        const one = timed('time_to_x', most, values, { kind: 'lifecycle', at: now - age });
        expect(differences(asPrinted(input([...everything(), one])))).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

test('it sees a number that is off by one in the last place', () => {
  const printed = asPrinted(input([...everything(), proof({ state: 'broken' }), timed('time_to_x', 1_000, [900, 1_100])]));
  expect(differences(printed)).toEqual([]);
  const wrong = [
    { ...printed, proven: Math.round(printed.proven * 1e6 + 1) / 1e6 },
    { ...printed, items: printed.items.map((item: { s: number }, i: number) => (i === 0 ? { ...item, s: item.s - 1e-6 } : item)) },
    { ...printed, grade: 'C' },
  ];
  for (const one of wrong) expect(differences(one)).not.toEqual([]);
});
