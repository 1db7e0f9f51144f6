import { expect, test } from 'vitest';
import { day, dayText, input, now, proof, timed } from '../../test/scorecard/proofs.ts';
import { itemsOf } from './items.ts';
import { makeWall } from './make-wall.ts';

function wallOf(proofs: Parameters<typeof input>[0]) {
  const given = input(proofs);
  return makeWall(itemsOf(given), given);
}

function cell(proofs: Parameters<typeof input>[0], service: string | null = 'web', area = 'sandbox') {
  const wall = wallOf(proofs);
  const column = wall.areas.findIndex((one) => one.area === area);
  return wall.rows.find((row) => row.service === service)?.cells[column] ?? null;
}

test('rows are the services, the worst first and what is of none last; columns are the areas', () => {
  const wall = wallOf([
    proof({ subject: '', state: 'broken' }),
    proof({ subject: 'fine' }),
    proof({ subject: 'unknown', state: 'inconclusive' }),
    proof({ subject: 'bad', state: 'broken', severity: 'low' }),
    proof({ subject: 'worse', state: 'broken', severity: 'critical' }),
    proof({ subject: 'also-fine' }),
  ]);
  expect(wall.rows.map(({ service }) => service)).toEqual(['worse', 'bad', 'unknown', 'also-fine', 'fine', null]);
  expect(wall.areas.map(({ area }) => area)).toEqual([
    'sandbox',
    'segmentation',
    'secrets',
    'recycling',
    'forensics',
    'lifecycle',
    'detection',
  ]);
  expect(wall.rows[0]?.cells.map((one) => one?.state ?? null)).toEqual(['broken', null, null, null, null, null, null]);
});

test('a cell says the worst of what was asked, when, and by which run', () => {
  const proofs = [
    proof({ item: 'a', at: now - 3.5 * day, runId: 'older' }),
    proof({ item: 'b', state: 'broken', severity: 'medium', title: 'it is sealed', runId: 'newer', at: now - 2.5 * day }),
    proof({ item: 'c', state: 'broken', severity: 'critical', waivedUntil: dayText(now) }),
    proof({ item: 'd', state: 'inconclusive', severity: 'critical' }),
  ].map((one) => ({ ...one, at: Math.min(one.at, now - 2.5 * day) }));
  expect(cell(proofs)).toEqual({
    area: 'sandbox',
    state: 'broken',
    freshness: 'fresh',
    runId: 'newer',
    at: now - 2.5 * day,
    days: 2,
    counts: { holds: 1, broken: 1, waived: 1, inconclusive: 1, expired: 0 },
    worst: { item: 'b', title: 'it is sealed', severity: 'medium', state: 'broken', runId: 'newer' },
    objective: null,
  });
});

test('what is only not known is not named for what is broken, such as the verdict', () => {
  const unknown = proof({ item: 'x', state: 'inconclusive', severity: 'low' });
  expect(cell([proof({ item: 'verdict', type: 'verdict', state: 'broken' }), unknown])).toMatchObject({ state: 'broken', worst: null });
  expect(cell([unknown])).toMatchObject({ state: 'inconclusive', worst: { item: 'x' } });
});

test('waived is neither broken nor holding', () => {
  expect(cell([proof(), proof({ item: 'x', state: 'broken', waivedUntil: dayText(now) })])).toMatchObject({ state: 'waived', worst: null });
});

test('the freshness is that of the oldest that held', () => {
  const aged = (days: number) => cell([proof(), proof({ item: 'old', at: now - days * day })])?.freshness;
  expect([aged(7), aged(8), aged(28)]).toEqual(['fresh', 'ageing', 'expired']);
  expect(cell([proof({ state: 'broken', at: now - 10 * day })])?.freshness).toBe('ageing');
});

test('the objective that was missed is shown, else a time, with its bound, best and last values', () => {
  const time = timed('time_to_freeze', 5_000, [900, 4_000, 1_200], { kind: 'forensic-freeze' });
  const share = proof({
    kind: 'forensic-freeze',
    item: 'coverage',
    type: 'objective',
    unit: 'ratio',
    objective: { min: 0.9 },
    best: 0.99,
    recent: [{ runId: 'r', at: now, value: 0.95, met: true }],
  });
  expect(cell([share, time], 'web', 'forensics')?.objective).toEqual({
    name: 'time_to_freeze',
    unit: 'ms',
    bound: { max: 5_000 },
    last: 1_200,
    met: true,
    best: 900,
    recent: time.recent,
  });
  const missed = { ...share, state: 'broken', recent: [{ runId: 'r', at: now, value: 0.5, met: false }] } as const;
  expect(cell([missed, time], 'web', 'forensics')?.objective).toMatchObject({ name: 'coverage', last: 0.5, met: false, best: 0.99 });
});
