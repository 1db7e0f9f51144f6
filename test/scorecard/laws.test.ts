import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scorecardOf } from '../../src/scorecard/compute.ts';
import { rankOf } from '../../src/scorecard/grade.ts';
import type { Letter, Scorecard } from '../../src/scorecard/scorecard.ts';
import { arbitraryInput, arbitraryProof, day, keyOf } from './proofs.ts';

const runs = { numRuns: 300 };

test('adding a broken finding never raises a grade', () => {
  fc.assert(
    fc.property(arbitraryInput, arbitraryProof, (before, extra) => {
      fc.pre(!before.proofs.some((one) => keyOf(one) === keyOf(extra)));
      const broken = { ...extra, type: 'finding', state: 'broken' } as const;
      notBetter(scorecardOf(before), scorecardOf({ ...before, proofs: [...before.proofs, broken] }));
    }),
    runs,
  );
});

test('a finding that breaks never raises a grade, nor one of which the answer is lost', () => {
  fc.assert(
    fc.property(arbitraryInput, fc.nat(), fc.constantFrom('broken', 'inconclusive'), (before, pick, state) => {
      // an objective breaks by its value, not by its state
      const held = before.proofs.filter((one) => one.state === 'holds' && one.type !== 'objective');
      fc.pre(held.length > 0);
      const chosen = held[pick % held.length];
      const proofs = before.proofs.map((one) => (one === chosen ? { ...one, state } : one));
      notBetter(scorecardOf(before), scorecardOf({ ...before, proofs }));
    }),
    runs,
  );
});

test('ageing never raises a grade, waivers that run out included; it begins with the newest proof', () => {
  fc.assert(
    fc.property(arbitraryInput, fc.integer({ min: 0, max: 500 }), (given, quarters) => {
      const before = { ...given, at: Math.max(given.at, ...given.proofs.map((one) => one.at)) };
      const at = before.at + (quarters * day) / 4;
      notBetter(scorecardOf(before), scorecardOf({ ...before, at }));
    }),
    runs,
  );
});

test('what is dated ahead proves as much as what nobody could find out', () => {
  fc.assert(
    fc.property(arbitraryInput, fc.integer({ min: 61, max: 500_000 }), (given, minutes) => {
      const at = given.at + minutes * 60_000;
      const held = given.proofs.map((one) => (one.state === 'holds' ? { ...one, at } : one));
      const lost = given.proofs.map((one) => (one.state === 'holds' ? { ...one, state: 'inconclusive' as const } : one));
      const [ahead, unknown] = [held, lost].map((proofs) => scorecardOf({ ...given, proofs }));
      const shares = (card: Scorecard | undefined) => [card?.grade, card?.unaged, card?.proven, card?.coverage];
      expect(shares(ahead)).toEqual(shares(unknown));
    }),
    runs,
  );
});

test('the order of proofs does not matter', () => {
  fc.assert(
    fc.property(
      arbitraryInput.chain((one) => fc.tuple(fc.constant(one), fc.shuffledSubarray([...one.proofs], { minLength: one.proofs.length }))),
      ([one, proofs]) => {
        expect(scorecardOf({ ...one, proofs })).toEqual(scorecardOf(one));
      },
    ),
    runs,
  );
});

test('shares are from 0 to 1, each proof is counted once, and what had not aged would be no worse', () => {
  fc.assert(
    fc.property(arbitraryInput, (one) => {
      const card = scorecardOf(one);
      for (const { proven, coverage } of [card, ...card.areas, ...card.services, ...card.services.flatMap(({ areas }) => areas)]) {
        expect(proven).toBeGreaterThanOrEqual(0);
        expect(proven).toBeLessThanOrEqual(1);
        expect(coverage).toBeGreaterThanOrEqual(0);
        expect(coverage).toBeLessThanOrEqual(1);
      }
      const counted = card.areas.flatMap(({ counts }) => Object.values(counts) as number[]).reduce((sum, n) => sum + n, 0);
      expect(counted).toBe(one.proofs.filter(({ kind }) => one.kinds.includes(kind)).length);
      expect(rankOf(card.unaged)).toBeLessThanOrEqual(rankOf(letter(card.grade)));
      expect(card.services.map(({ grade }) => rankOf(letter(grade)))).toEqual(
        card.services.map(({ grade }) => rankOf(letter(grade))).toSorted((a, b) => b - a),
      );
    }),
    runs,
  );
});

/** Neither as a whole, nor in an area, nor for a service that both have. */
function notBetter(before: Scorecard, after: Scorecard): void {
  const pairs: [{ readonly grade: string; readonly proven: number }, { readonly grade: string; readonly proven: number }][] = [
    [before, after],
  ];
  for (const one of before.areas) pairs.push([one, find(after.areas, ({ area }) => area === one.area)]);
  for (const one of before.services) pairs.push([one, find(after.services, ({ service }) => service === one.service)]);
  for (const [then, now] of pairs) {
    expect(now.proven).toBeLessThanOrEqual(then.proven);
    expect(rankOf(letter(now.grade))).toBeGreaterThanOrEqual(rankOf(letter(then.grade)));
  }
}

function find<T>(all: readonly T[], is: (one: T) => boolean): T {
  const found = all.find(is);
  if (found === undefined) throw new Error('it is gone from the card');
  return found;
}

function letter(grade: string): Letter {
  return grade.replace('*', '') as Letter;
}
