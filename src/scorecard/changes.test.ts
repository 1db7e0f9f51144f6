import { describe, expect, test } from 'vitest';
import { day, dayText, input, now, proof, timed } from '../../test/scorecard/proofs.ts';
import { scorecardOf } from './compute.ts';

function changes(proofs: Parameters<typeof input>[0], change = {}) {
  return scorecardOf(input(proofs, change)).changes;
}

const recent = { changedAt: now - day };

describe('flips', () => {
  test('to broken, with what it was and when', () => {
    expect(changes([proof({ state: 'broken', was: 'holds', ...recent })])).toEqual([
      {
        type: 'broken',
        area: 'sandbox',
        kind: 'adversarial-probe',
        drill: 'sandbox-shop',
        service: 'web',
        item: 'PRV-01',
        title: 'what holds',
        severity: 'high',
        count: 1,
        runId: '01JD000000000000000000000A',
        at: '2026-11-21T12:00:00.000Z',
        from: 'holds',
        message: 'PRV-01 what holds (web) is broken; it was holding',
      },
    ]);
  });

  test('count only since then, and not where they are waived', () => {
    expect(changes([proof({ state: 'broken', changedAt: now - 8 * day })])).toEqual([]);
    expect(changes([proof({ state: 'broken', ...recent, waivedUntil: dayText(now) })])).toEqual([]);
    expect(changes([proof(recent)])).toEqual([]);
  });

  test('to broken again when a waiver runs out', () => {
    const waived = proof({ state: 'broken', changedAt: now - 60 * day, waivedUntil: '2026-11-20' });
    expect(changes([waived])).toMatchObject([
      {
        type: 'broken',
        at: '2026-11-21T00:00:00.000Z',
        message: 'PRV-01 what holds (web) is broken, and its waiver ran out on 2026-11-20',
      },
    ]);
    expect(changes([{ ...waived, waivedUntil: '2026-11-10' }])).toEqual([]);
  });

  test('to not known, and back', () => {
    expect(changes([proof({ state: 'inconclusive', was: 'holds', ...recent })])).toMatchObject([{ type: 'inconclusive', from: 'holds' }]);
    expect(changes([proof({ was: 'broken', ...recent })])).toMatchObject([
      { type: 'mended', message: 'PRV-01 what holds (web) holds again' },
    ]);
    expect(changes([proof({ was: 'inconclusive', ...recent })])).toEqual([]);
  });

  test('of the verdict are said only where its findings say nothing', () => {
    const verdict = proof({
      type: 'verdict',
      item: 'verdict',
      subject: '',
      title: 'the drill as a whole',
      state: 'broken',
      was: 'holds',
      ...recent,
    });
    expect(changes([verdict, proof({ state: 'broken', ...recent })]).map(({ item }) => item)).toEqual(['PRV-01']);
    expect(changes([verdict]).map(({ message }) => message)).toEqual(['the drill as a whole (sandbox-shop) is broken; it was holding']);
  });
});

describe('ageing', () => {
  test('is told a cadence ahead, once for all that one run asked', () => {
    const old = { at: now - 22 * day, runId: 'one' };
    const proofs = [
      proof({ ...old, severity: 'low' }),
      proof({ ...old, item: 'PRV-02', severity: 'critical' }),
      proof({ ...old, item: 'PRV-03', subject: 'api' }),
    ];
    expect(changes(proofs)).toMatchObject([
      {
        type: 'expiring',
        count: 3,
        item: 'PRV-02',
        severity: 'critical',
        service: null,
        at: '2026-11-28T12:00:00.000Z',
        message: '3 proofs of sandbox-shop were last practised 22 d ago, expire in 6 d',
      },
    ]);
    expect(changes([proof({ at: now - 20.9 * day })])).toEqual([]);
    expect(changes([proof({ at: now - 21 * day })])).toMatchObject([{ type: 'expiring', service: 'web', count: 1 }]);
  });

  test('ends with an expiry, which is news for as long as it is since then', () => {
    expect(changes([proof({ at: now - 30 * day })])).toMatchObject([
      {
        type: 'expired',
        at: '2026-11-20T12:00:00.000Z',
        message: 'PRV-01 what holds (web) was last practised 30 d ago, too long to prove anything',
      },
    ]);
    expect(changes([proof({ at: now - 40 * day })])).toEqual([]);
    expect(changes([proof({ at: now - 30 * day, state: 'broken' })])).toEqual([]);
  });
});

describe('slower', () => {
  const took = (...values: number[]) => changes([timed('time_to_healthy', 60_000, values)]);

  test('is a time a quarter above the median of at least three before it', () => {
    expect(took(1_000, 1_100, 900, 1_260)).toMatchObject([
      { type: 'slower', runId: 'run-3', message: 'time_to_healthy (web) took 1.3 s; it was 1 s, at most 1 m' },
    ]);
    expect(took(1_000, 1_100, 900, 1_250)).toEqual([]);
    expect(took(1_000, 1_000, 9_000)).toEqual([]);
    expect(took(1_000, 1_000, 1_200, 1_200, 1_370)).toEqual([]);
  });

  test('is old news before then', () => {
    expect(changes([timed('time_to_healthy', 60_000, [1, 1, 1, 9_000])], { since: now })).toEqual([]);
  });
});

test('the worst come first: by what they are, then by severity, then the newest', () => {
  const found = changes([
    proof({ item: 'm', was: 'broken', ...recent }),
    proof({ item: 'e', at: now - 30 * day }),
    proof({ item: 'b1', severity: 'low', state: 'broken', ...recent }),
    proof({ item: 'b2', severity: 'critical', state: 'broken', changedAt: now - 2 * day }),
    proof({ item: 'b3', severity: 'critical', state: 'broken', ...recent }),
    proof({ item: 'i', state: 'inconclusive', ...recent }),
    proof({ item: 'x', at: now - 22 * day, runId: 'other' }),
  ]);
  expect(found.map(({ item }) => item)).toEqual(['b3', 'b2', 'b1', 'e', 'i', 'x', 'm']);
});

test('since is when the scorecard was last computed', () => {
  expect(scorecardOf(input([], { since: now - 3 * day })).since).toBe('2026-11-19T12:00:00.000Z');
});

test('what is dated ahead is said, together, however long it has held: it proves nothing', () => {
  const at = now + 3 * day;
  const ahead = [proof({ at }), proof({ at, item: 'PRV-02', severity: 'critical', subject: 'api' })];
  expect(changes(ahead)).toEqual([
    expect.objectContaining({
      type: 'inconclusive',
      item: 'PRV-02',
      service: null,
      count: 2,
      message:
        '2 proofs of sandbox-shop are dated 2026-11-25T12:00:00.000Z, which is still to come, so a clock was wrong: nothing is proven until it is practised again',
    }),
  ]);
  expect(changes([proof({ at: now + 3_600_000 })])).toEqual([]);
  expect(changes([proof({ at, state: 'broken', changedAt: at, was: 'holds' })])).toMatchObject([{ type: 'broken' }]);
});
