import { describe, expect, test } from 'vitest';
import type { Answer, Sample } from '../../checks/prober/contract.ts';
import type { Golden, Request } from './golden.ts';
import type { OldSession, Point } from './system.ts';
import { type ConsumerSeen, type Seen, timingOf } from './timing.ts';
import type { Track } from './tracks.ts';
import { consumersOn } from './verify.ts';

const name = 'db:5432 (db-1)';
const codes: Record<Answer, string | null> = { accepted: null, refused: '28P01', closed: '57P01', unknown: 'timeout' };

function track(
  { point = name, where = 'api-1', credential = 'old', mode = 'login', until }: Partial<Track>,
  all: readonly (readonly [number, Answer])[],
): Track {
  const samples: Sample[] = all.map(([endedAt, answer]) => ({
    dueAt: endedAt - 10,
    startedAt: endedAt - 10,
    endedAt,
    answer,
    code: codes[answer],
  }));
  return { point, where, credential, mode, until, samples: () => samples };
}

const pointAt = (called: string): Point => ({
  name: called,
  target: 'db-1',
  door: () => ({ protocol: 'postgresql', host: 'db', port: 5_432, database: 'shop', user: 'app' }),
  modes: ['login', 'session'],
});

const refused = track({}, [
  [900, 'accepted'],
  [1_200, 'refused'],
  [4_900, 'refused'],
]);
const ended = track({ mode: 'session' }, [
  [900, 'accepted'],
  [1_150, 'closed'],
]);
const letIn = track({ credential: 'new' }, [
  [1_400, 'accepted'],
  [4_900, 'accepted'],
]);

/** `+` answered, `-` failed, `0` nobody could be asked; from 900 on, every 100 ms. */
function golden(letters: string, replica: string | null = null, service = 'api'): Golden {
  const requests = letters.split('').map((letter, i): Request => {
    const startedAt = 900 + i * 100;
    return { startedAt, endedAt: startedAt + 20, ok: letter === '+', asked: letter !== '0' };
  });
  return { service, replica, requests: () => requests };
}

const consumer = (given: Partial<ConsumerSeen> = {}): ConsumerSeen => ({ service: 'api', problems: [], deliveredAt: 1_500, ...given });

/** A leak at 1000 that went well: refused by 1200, dead by 1150, the new one issued at 1300 and let in by 1400, given to the consumer by 1500. */
function told(given: Partial<Seen> = {}) {
  return timingOf({
    plan: 'leak',
    credential: 'real',
    leakAt: 1_000,
    endAt: 5_000,
    freshMs: 2_000,
    points: [pointAt(name)],
    tracks: [refused, ended, letIn],
    golden: [golden('++---++++')],
    issuedAt: 1_300,
    verifiedAt: null,
    careless: new Set(),
    consumers: [consumer()],
    left: [],
    notAllowed: null,
    wall: { endAt: 9_000_000, setBy: 0 },
    whyNotTaken: () => null,
    nameOf: (address) => address,
    ...given,
  });
}

const find = ({ findings }: ReturnType<typeof told>, title: string) => findings.find((one) => one.title.includes(title));

test('what a system knows of a point that did not take it is told there', () => {
  const points = [{ ...pointAt(name), modes: ['login'] as const }];
  const still = track({}, [
    [900, 'accepted'],
    [4_900, 'accepted'],
  ]);
  const whyNotTaken = (point: string) => (point === name ? 'it is a single-file mount' : null);
  const all = told({ points, tracks: [still, letIn], whyNotTaken });
  expect(find(all, 'the old one is refused')).toMatchObject({ state: 'broken', evidence: 'still let in: it is a single-file mount' });
  expect(find(all, 'the new one is let in')?.evidence).not.toContain('single-file');
});

describe('a token of the old one', () => {
  const points = [{ ...pointAt(name), modes: ['token'] as const }];
  const refusedToken = (until: number) =>
    track({ mode: 'token', until }, [
      [900, 'accepted'],
      [1_200, 'refused'],
      [4_900, 'refused'],
    ]);
  const token = (given: Partial<Seen>, until = 9_000_001) => {
    const all = told({ points, tracks: [refusedToken(until), letIn], ...given });
    return [find(all, 'derived')?.state, all.measures.time_to_tokens_refused, find(all, 'derived')?.evidence] as const;
  };

  test('that is refused while it was still good is dead', () => {
    expect(token({})).toEqual(['holds', 200, 'after 200 ms: refused (28P01)']);
  });

  test('that ended by itself meanwhile may have been refused for that', () => {
    expect(token({}, 9_000_000)).toEqual(['inconclusive', undefined, expect.stringContaining('raise params.ttl')]);
  });

  test.each([7_200_000, -7_200_000])('is not known to be refused for the rotation where the clock was set by %i ms', (setBy) => {
    expect(token({ wall: { endAt: 1, setBy } })).toEqual(['inconclusive', undefined, expect.stringContaining('the clock was set')]);
    expect(token({ wall: { endAt: 1, setBy: setBy / 100_000 } })[0]).toBe('holds');
  });

  test('is not known to be refused where the new one is refused too', () => {
    const locked = track({ credential: 'new' }, [[4_900, 'refused']]);
    expect(token({ tracks: [refusedToken(9_000_001), locked] })).toEqual([
      'inconclusive',
      undefined,
      expect.stringContaining('so is the new one'),
    ]);
  });
});

describe('a rotation', () => {
  test('that went well is told with its times', () => {
    const all = told();
    expect(all.measures).toEqual({
      time_to_old_refused: 200,
      time_to_sessions_dead: 150,
      time_to_new_accepted: 520,
      time_to_new_issued: 300,
      time_to_full_refusal: 520,
      overlap: -320,
      failed_requests: 3,
    });
    expect([all.good, [...new Set(all.findings.map(({ state }) => state))]]).toEqual([true, ['holds']]);
  });

  test.each([
    ['both were seen to work', [1_600, 'accepted'], 400],
    ['the new one was let in between two attempts with the old one', [900, 'accepted'], 0],
  ] as const)('when %s', (_, letInLast, overlap) => {
    const old = track({}, [[900, 'accepted'], letInLast, [1_800, 'refused'], [4_900, 'refused']]);
    expect(told({ credential: 'canary', tracks: [old, ended, letIn] }).measures.overlap).toBe(overlap);
  });

  test('when nobody could say for long which came first', () => {
    const old = track({}, [
      [900, 'accepted'],
      [1_200, 'unknown'],
      [2_900, 'unknown'],
      [3_000, 'refused'],
      [4_900, 'refused'],
    ]);
    expect(told({ credential: 'canary', tracks: [old, ended, letIn] }).measures).not.toHaveProperty('overlap');
  });

  test('without a new one is not good, and has no full refusal', () => {
    const all = told({ issuedAt: null, tracks: [refused, ended] });
    expect([all.good, all.measures.time_to_full_refusal, all.measures.time_to_new_issued]).toEqual([false, undefined, undefined]);
  });

  test('is as slow as its slowest point, and not known where one of them is not', () => {
    const other = 'db:5432 (db-2)';
    const slow = track({ point: other }, [
      [900, 'accepted'],
      [2_000, 'refused'],
      [4_900, 'refused'],
    ]);
    const there = [
      track({ ...ended, point: other }, [
        [900, 'accepted'],
        [1_100, 'closed'],
      ]),
      track({ ...letIn, point: other }, [
        [1_400, 'accepted'],
        [4_900, 'accepted'],
      ]),
    ];
    const points = [pointAt(name), pointAt(other)];
    expect(told({ points, tracks: [refused, ended, letIn, slow, ...there] }).measures.time_to_old_refused).toBe(1_000);
    const still = track({ point: other }, [
      [900, 'accepted'],
      [4_900, 'accepted'],
    ]);
    const kept = told({ points, tracks: [refused, ended, letIn, still, ...there] });
    expect([kept.good, kept.measures.time_to_old_refused, kept.measures.time_to_full_refusal]).toEqual([false, undefined, undefined]);
    expect(find(kept, `refused at ${other}`)).toMatchObject({ state: 'broken', severity: 'high', evidence: 'still let in' });
  });
});

describe('a refusal is not believed', () => {
  test('of a point that checks nothing', () => {
    const all = told({ careless: new Set([name]) });
    expect(find(all, 'the old one is refused')).toMatchObject({ state: 'broken', evidence: expect.stringContaining('nothing is checked') });
    expect(all.measures.time_to_old_refused).toBeUndefined();
  });

  test('of a point that refuses the new one too', () => {
    const locked = track({ credential: 'new' }, [[4_900, 'refused']]);
    const all = told({ tracks: [refused, ended, locked] });
    expect(find(all, 'the old one is refused')).toMatchObject({
      state: 'inconclusive',
      evidence: expect.stringContaining('so is the new one'),
    });
    expect(find(all, 'the new one is let in')?.state).toBe('broken');
  });
});

describe('sessions that the server still lists', () => {
  test('are not dead, whatever the attackers saw, and are told by name', () => {
    const left: OldSession[] = [
      { point: name, client: '10.0.0.7' },
      { point: name, client: null },
      { point: 'elsewhere', client: '10.0.0.8' },
    ];
    const all = told({ left, nameOf: (address) => `api (${address})`, notAllowed: 'the admin may not' });
    expect(find(all, 'sessions of the old one')).toMatchObject({
      state: 'broken',
      evidence: '2 still open, of api (10.0.0.7), somebody: the admin may not',
    });
    expect(all.measures.time_to_sessions_dead).toBeUndefined();
  });

  test('one that ended before the leak is not counted as ended', () => {
    const early = track({ mode: 'session' }, [
      [900, 'accepted'],
      [950, 'closed'],
    ]);
    expect(find(told({ tracks: [refused, early, letIn] }), 'sessions of the old one')?.state).toBe('inconclusive');
  });
});

describe('a consumer', () => {
  const of = (given: Partial<Seen>) => told(given).findings.find(({ probe }) => probe === 'ROT-consumer');

  test('that fails since the old one is refused is named, given the new one or not', () => {
    const fails = [golden('++------')];
    expect(of({ golden: fails })).toMatchObject({
      state: 'broken',
      evidence: expect.stringContaining('it was given the new one, and does not'),
    });
    expect(of({ golden: fails, consumers: [consumer({ deliveredAt: null })] })?.evidence).toContain('it was not given the new one');
    expect(of({ consumers: [consumer({ problems: ['api-1 is mounted alone'] })] })).toMatchObject({
      state: 'broken',
      evidence: 'api-1 is mounted alone',
    });
  });

  test('of which one replica of two fails is named by that one', () => {
    const all = { golden: [golden('+++++++++', 'api-1'), golden('++-------', 'api-2')] };
    expect(of(all)).toMatchObject({ state: 'broken', evidence: expect.stringMatching(/^api-2: its requests fail/) });
    expect(told(all).measures.time_to_new_accepted).toBeUndefined();
    expect(of({ golden: all.golden.toReversed() })?.state).toBe('broken');
  });

  test('is not known while the old one is let in, without a request since, and without a proof', () => {
    const still = track({}, [
      [900, 'accepted'],
      [4_900, 'accepted'],
    ]);
    expect(of({ tracks: [still, ended, letIn] })).toMatchObject({
      state: 'inconclusive',
      evidence: expect.stringContaining('prove nothing'),
    });
    expect(of({ golden: [golden('+++')] })?.state).toBe('inconclusive');
    expect(of({ golden: [golden('+++00000')] })?.state).toBe('inconclusive');
    expect(of({ golden: [] })).toMatchObject({ state: 'inconclusive', evidence: expect.stringContaining('`prove`') });
  });

  test('that keeps its own, for a canary leaked, goes on working or does not; without a proof nothing is claimed', () => {
    const canary = { credential: 'canary' } as const;
    expect(of({ ...canary, golden: [golden('+++-+++')] })).toMatchObject({
      title: 'api goes on working',
      state: 'holds',
      evidence: expect.stringContaining('5 of 6 of its requests'),
    });
    expect(of({ ...canary, golden: [golden('+++----')] })?.state).toBe('broken');
    expect(of({ ...canary, golden: [golden('+')] })?.state).toBe('inconclusive');
    expect(of({ ...canary, golden: [] })).toMatchObject({ state: 'not-applicable', evidence: expect.stringContaining('no `prove`') });
    expect(told({ ...canary, golden: [] }).good).toBe(true);
    expect(told({ ...canary, golden: [golden('++++')] }).measures.time_to_new_accepted).toBe(400);
  });

  test('whose replica does not run misses nothing while the one beside it answers', () => {
    const failed = (...all: Golden[]) => told({ golden: all }).measures.failed_requests;
    expect(failed(golden('+++000++', 'api-1'), golden('++++++++', 'api-2'))).toBe(0);
    expect(failed(golden('+++---++', 'api-1'), golden('++++++++', 'api-2'))).toBe(3);
    expect(failed(golden('+++00+++', 'api-1'), golden('+++00+++', 'api-2'))).toBe(4);
    expect(failed(golden('+++000++', 'api-1'), golden('++++++++', 'web-1', 'web'))).toBe(3);
  });
});

describe('plan planned', () => {
  const after = track({}, [
    [900, 'accepted'],
    [1_900, 'accepted'],
    [2_000, 'refused'],
    [4_900, 'refused'],
  ]);
  const planned = { plan: 'planned', tracks: [after, ended, letIn], issuedAt: 1_300, verifiedAt: 1_750 } as const;

  test('counts the new one as in use only from when it was verified on, and overlaps', () => {
    const { measures } = told({ ...planned, golden: [golden('+'.repeat(20))] });
    expect([measures.time_to_new_accepted, measures.overlap, measures.failed_requests]).toEqual([820, 180, 0]);
  });

  test('with the real one says when no request was made, and then is not good', () => {
    const silent = told({ ...planned, consumers: [], golden: [] });
    expect(find(silent, 'no request of a consumer fails')).toMatchObject({
      probe: 'ROT-consumer',
      state: 'inconclusive',
      severity: 'high',
    });
    expect([silent.good, silent.measures.failed_requests]).toEqual([false, undefined]);
    expect(told({ ...planned, consumers: [], golden: [golden('+++0000')] }).good).toBe(true);
    expect(told({ ...planned, consumers: [], golden: [golden('+0000')] }).good).toBe(false);
    expect(told({ ...planned, credential: 'canary', consumers: [], golden: [] }).good).toBe(true);
    expect(told({ consumers: [], golden: [] }).good).toBe(true);
  });
});

test('a consumer keeps sessions where the server lists more than the attackers have there', () => {
  const addresses = new Map([
    ['10.0.0.7', { service: 'api', name: 'api-1' }],
    ['10.1.0.7', { service: 'api', name: 'api-1' }],
  ]);
  const alive = track({ mode: 'session' }, [[900, 'accepted']]);
  const elsewhere = track({ mode: 'session', point: 'other' }, [[900, 'accepted']]);
  const at = (client: string | null, point = name): OldSession => ({ point, client });
  expect(consumersOn([at('10.0.0.7')], addresses, [alive])).toEqual([]);
  expect(consumersOn([at('10.0.0.7'), at('10.0.0.7')], addresses, [alive, elsewhere])).toEqual(['api']);
  expect(consumersOn([at('10.0.0.7'), at('10.1.0.7')], addresses, [alive])).toEqual(['api']);
  expect(consumersOn([at('10.0.0.7')], addresses, [ended])).toEqual(['api']);
  expect(consumersOn([at('10.0.0.7')], addresses, [{ ...alive, where: 'web-1' }])).toEqual(['api']);
  expect(consumersOn([at('10.9.9.9'), at(null)], addresses, [])).toEqual([]);
});
