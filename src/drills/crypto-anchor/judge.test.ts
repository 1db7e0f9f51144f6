import { describe, expect, test } from 'vitest';
import { judgeCut } from './cut.ts';
import { type Burst, judgeAlert, judgeLedger, judgeThrottle, judgeTrial } from './judge.ts';
import { judgeExport } from './no-export.ts';
import { ranOf } from './operate.ts';
import type { CloneRan } from './thief.ts';
import type { Trial } from './trial.ts';

const clone = (exitCode: number | null, stdout: string, ms = 100): CloneRan => ({ ...ranOf(exitCode, stdout, ms), notes: [] });
const trial = (over: Partial<Trial> = {}): Trial => ({
  home: { least: 12, most: 12 },
  thief: clone(0, '0\n'),
  control: clone(0, '12\n'),
  controlHadSecrets: false,
  reachableAway: [],
  reachableHome: ['10.0.0.2:8200'],
  ...over,
});
const state = (over: Partial<Trial>) => {
  const judged = judgeTrial(trial(over), 'with it,');
  return [judged.state, judged.readable];
};

describe('theft and backup', () => {
  test('nothing without the anchor and all with it holds', () => expect(state({})).toEqual(['holds', 0]));
  test('a thief whose program ends with an error reads nothing either', () => expect(state({ thief: clone(1, '') })).toEqual(['holds', 0]));
  test('one record is too many, whatever became of the control', () => {
    expect(state({ thief: clone(0, '1\n') })).toEqual(['broken', 1]);
    expect(state({ thief: clone(3, '1\n'), control: clone(127, '') })).toEqual(['broken', 1]);
  });
  test.each([
    ['the control reads less than all', { control: clone(0, '11\n') }],
    ['the control reads more than there is', { control: clone(0, '13\n') }],
    ['the control ends with an error', { control: clone(1, '12\n') }],
    ['the control says no number', { control: clone(0, 'twelve\n') }],
    ['the thief’s program is missing', { thief: clone(127, '') }],
    ['the anchor answers where the thief is', { reachableAway: ['10.0.0.2:8200'] }],
    ['the anchor answers where the thief is, and it reads', { reachableAway: ['10.0.0.2:8200'], thief: clone(0, '12\n') }],
    ['the anchor answers nobody', { reachableHome: [] }],
    ['the thief is only slow', { thief: clone(null, '', 200) }],
  ] as const)('%s: not known', (_what, over) => expect(state(over)).toEqual(['inconclusive', null]));
  test('one that hangs for much longer than the control needs reads nothing', () =>
    expect(state({ thief: clone(null, '', 30_000) })).toEqual(['holds', 0]));
  test('what comes and goes meanwhile is no difference', () => {
    const home = { least: 12, most: 14 };
    expect(state({ home, control: clone(0, '13\n') })).toEqual(['holds', 0]);
    expect(state({ home, control: clone(0, '15\n') })).toEqual(['inconclusive', null]);
  });
});

test.each([
  [{ attempted: 200, accepted: 50 }, true, 'holds'],
  [{ attempted: 200, accepted: 51 }, true, 'broken'],
  [{ attempted: 200, accepted: 51, tookMs: 15_000 }, true, 'inconclusive'],
  [{ attempted: 200, accepted: 50, tookMs: 15_000 }, true, 'holds'],
  [{ attempted: 200, accepted: 0 }, true, 'inconclusive'],
  [{ attempted: 50, accepted: 50 }, true, 'inconclusive'],
  [{ attempted: 200, accepted: 50 }, false, 'inconclusive'],
] as const)('a limit of 50: %o, afterwards whole %s: %s', (seen, whole, expected) => {
  const burst: Burst = { window: 10_000, tookMs: 9_000, ...seen };
  expect(judgeThrottle(burst, 50, whole).state).toBe(expected);
});

test.each([
  [{ before: 5, still: 5, after: 17, done: 12 }, 'holds', 0],
  [{ before: 5, still: 5, after: 16, done: 12 }, 'broken', 1],
  [{ before: 5, still: 5, after: 18, done: 12 }, 'broken', 1],
  [{ before: 5, still: 6, after: 18, done: 12 }, 'inconclusive', null],
] as const)('a ledger: %o: %s', (seen, expected, gap) => expect(judgeLedger(seen)).toMatchObject({ state: expected, gap }));

test.each([
  [{}, 'holds'],
  [{ afterMs: null }, 'broken'],
  [{ usual: true }, 'inconclusive'],
  [{ attempted: 0 }, 'inconclusive'],
  [{ deaf: 'nobody listens', afterMs: null }, 'inconclusive'],
] as const)('an alert: %o: %s', (over, expected) =>
  expect(judgeAlert({ usual: false, afterMs: 100, within: 1_000, attempted: 80, deaf: null, ...over }).state).toBe(expected),
);

test.each([
  [{}, 'holds'],
  [{ cutMs: null }, 'broken'],
  [{ lame: ['other'] }, 'broken'],
  [{ cutMs: 6_000 }, 'broken'],
  [{ back: null }, 'inconclusive'],
] as const)('a cut: %o: %s', (over, expected) =>
  expect(judgeCut({ cutMs: 100, within: 5_000, lame: [], others: 1, back: 'it is back', ...over }).state).toBe(expected),
);

describe('no export', () => {
  const none = { found: [], left: ['memory'], files: 3 };
  const refused = { ran: ranOf(1, '', 1), gaveKey: false, saidSo: null };
  const found = (isTheKey: boolean | null) => ({ ...none, found: [{ what: 'a private key (rsa)', place: 'the image (/key)', isTheKey }] });
  test.each([
    ['refused, while what is allowed works', true, [refused], none, 'holds'],
    ['refused in so many words', true, [{ ...refused, saidSo: true }], none, 'holds'],
    ['another failure than a refusal', true, [{ ...refused, saidSo: false }], none, 'inconclusive'],
    ['a tool that is not there', true, [{ ...refused, ran: ranOf(127, '', 1) }], none, 'inconclusive'],
    ['a control that fails', false, [refused], none, 'inconclusive'],
    ['given', true, [refused, { ...refused, ran: ranOf(0, '', 1) }], none, 'broken'],
    ['refused, with the key in what it printed', true, [{ ...refused, gaveKey: true }], none, 'broken'],
    ['the key lies about', true, [refused], found(true), 'broken'],
    ['some key lies about', true, [refused], found(null), 'inconclusive'],
    ['another key lies about', true, [refused], found(false), 'holds'],
    ['nobody asked', null, [], none, 'inconclusive'],
    ['nobody asked, and the key lies about', null, [], found(true), 'broken'],
  ] as const)('%s', (_what, works, tried, searched, expected) => expect(judgeExport(works, tried, searched).state).toBe(expected));
});

test.each([
  [0, '12\n', 12],
  [0, ' 12 \nmore\n', 12],
  [0, '', null],
  [0, '12 orders\n', null],
  [0, '-1\n', null],
  [0, '1.5\n', null],
  [0, 'note\n12\n', null],
] as const)('exit code %d and %j is the number %j', (exitCode, stdout, count) => expect(ranOf(exitCode, stdout, 1).count).toBe(count));

test('what a command printed is in no words', () => {
  expect(ranOf(1, 'secret\n', 1).words).not.toContain('secret');
});
