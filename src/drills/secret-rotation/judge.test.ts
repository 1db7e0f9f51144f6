import { describe, expect, test } from 'vitest';
import type { Answer, Sample } from '../../checks/prober/contract.ts';
import { type Judged, judgeNewLogin, judgeOldLogin, judgeSession, loginsBeside, worst } from './judge.ts';
import type { Track } from './tracks.ts';

const span = { leakAt: 1_000, endAt: 5_000, freshMs: 2_000 };
const codes: Record<Answer, string | null> = { accepted: null, refused: '28P01', closed: '57P01', unknown: 'ECONNREFUSED' };

type Seen = readonly (readonly [endedAt: number, answer: Answer])[];

/** Each took 10 ms: `[900, 'accepted']` ended at 900. */
function seen(...all: Seen): Sample[] {
  return all.map(([endedAt, answer]) => ({ dueAt: endedAt - 10, startedAt: endedAt - 10, endedAt, answer, code: codes[answer] }));
}

describe('the old one at a point', () => {
  const judged = (...all: Seen) => judgeOldLogin(seen(...all), span);

  test('is refused from the end of the first refusal on after which nothing was let in', () => {
    expect(judged([900, 'accepted'], [1_100, 'accepted'], [1_200, 'refused'], [4_900, 'refused'])).toEqual({
      state: 'done',
      at: 1_200,
      why: 'refused (28P01)',
    });
  });

  test('refused, and then let in again, is refused from the last time on', () => {
    expect(judged([900, 'accepted'], [1_200, 'refused'], [1_300, 'accepted'], [1_400, 'refused'], [4_900, 'refused']).at).toBe(1_400);
    expect(judged([900, 'accepted'], [1_200, 'refused'], [4_900, 'accepted'])).toMatchObject({ state: 'not-done', why: 'still let in' });
  });

  test('a refusal of one that began before the last that was let in is none since', () => {
    const [early] = seen([4_950, 'refused']);
    const late = { ...(early as Sample), startedAt: 4_000 };
    expect(judgeOldLogin([...seen([900, 'accepted'], [4_900, 'accepted']), late], span).state).toBe('unknown');
  });

  test('that was never let in before the leak proves nothing', () => {
    expect(judged([900, 'refused'], [4_900, 'refused'])).toMatchObject({
      state: 'unknown',
      why: expect.stringContaining('before the leak'),
    });
    expect(judged([1_001, 'accepted'], [1_200, 'refused'], [4_900, 'refused']).state).toBe('unknown');
    expect(judged().state).toBe('unknown');
  });

  test('that somebody else refused before the leak was not refused by the rotation', () => {
    expect(judged([900, 'accepted'], [950, 'refused'], [4_900, 'refused'])).toMatchObject({ state: 'unknown', at: null });
  });

  test('that is still let in is not refused', () => {
    expect(judged([900, 'accepted'], [4_900, 'accepted'])).toEqual({ state: 'not-done', at: null, why: 'still let in' });
  });

  test('answers that say nothing are no refusal', () => {
    expect(judged([900, 'accepted'], [1_200, 'unknown'], [4_900, 'unknown'])).toMatchObject({
      state: 'unknown',
      why: expect.stringContaining('(ECONNREFUSED)'),
    });
  });

  test.each([
    ['429', '429: too many requests, so the attacker is held off'],
    ['max-clients', 'max-clients: too many clients, so the attacker is held off'],
    ['timeout', 'timeout: none came in time, as where refused logins are held back'],
    ['pooler-login', 'pooler-login: the pooler cannot log in to its own server'],
  ])('attackers that are locked out (%s) are told, and are no refusal, were there one before', (code, words) => {
    const out = { ...(seen([4_900, 'unknown'])[0] as Sample), code };
    const never = judgeOldLogin([...seen([900, 'accepted'], [1_200, 'accepted']), out], span);
    const before = judgeOldLogin([...seen([900, 'accepted'], [1_200, 'refused']), out], span);
    for (const judged of [never, before]) expect(judged).toMatchObject({ state: 'unknown', at: null, why: expect.stringContaining(words) });
  });

  test('a certificate that has expired was not taken away', () => {
    const expired = { ...(seen([4_900, 'refused'])[0] as Sample), code: 'certificate_expired' };
    expect(judgeOldLogin([...seen([900, 'accepted']), expired], span)).toMatchObject({
      state: 'unknown',
      why: expect.stringContaining('expired'),
    });
  });

  test('one that says nothing just after it was let in is no refusal either', () => {
    expect(judged([900, 'accepted'], [4_800, 'accepted'], [4_900, 'unknown']).state).toBe('unknown');
  });

  test('silence at the end is not known, were it refused before', () => {
    expect(judged([900, 'accepted'], [1_200, 'refused'], [2_999, 'refused'], [4_900, 'unknown'])).toMatchObject({
      state: 'unknown',
      at: null,
    });
    expect(judged([900, 'accepted'], [1_200, 'refused'], [3_000, 'refused'], [4_900, 'unknown']).state).toBe('done');
  });

  test('a prober that died while it was let in does not know', () => {
    expect(judged([900, 'accepted'], [2_500, 'accepted']).state).toBe('unknown');
    expect(judgeOldLogin(seen([900, 'accepted'], [2_500, 'accepted']), { ...span, freshMs: 2_500 }).state).toBe('not-done');
  });
});

describe('a session of the old one', () => {
  const logins = seen([900, 'accepted'], [1_250, 'refused'], [4_900, 'refused']);
  const judged = (...all: Seen) => judgeSession(seen(...all), logins, span);

  test('is dead once the other side closed it, or refuses what it asks', () => {
    expect(judged([900, 'accepted'], [1_200, 'closed'])).toEqual({ state: 'done', at: 1_200, why: 'ended (57P01)' });
    expect(judged([900, 'accepted'], [1_200, 'refused'])).toMatchObject({ state: 'done', at: 1_200 });
  });

  test('that had ended before the leak was not ended by the rotation', () => {
    expect(judged([900, 'accepted'], [950, 'closed'])).toMatchObject({
      state: 'unknown',
      why: expect.stringContaining('it had ended before the leak'),
    });
    expect(judged([900, 'accepted'], [1_000, 'closed']).state).toBe('unknown');
  });

  test('that was not open before the leak proves nothing', () => {
    expect(judged([1_001, 'accepted'], [1_200, 'closed'])).toMatchObject({ state: 'unknown', why: expect.stringContaining('no session') });
  });

  test('that lives is not dead, and one that nobody heard of at the end is not known', () => {
    expect(judged([900, 'accepted'], [4_900, 'accepted'])).toMatchObject({ state: 'not-done', why: 'still alive' });
    expect(judged([900, 'accepted'], [2_500, 'accepted']).state).toBe('unknown');
    expect(judged([900, 'accepted'], [4_900, 'unknown'])).toMatchObject({ state: 'unknown', why: expect.stringContaining('ECONNREFUSED') });
    const beside = seen([4_950, 'refused']);
    expect(judgeSession(seen([900, 'accepted'], [4_800, 'accepted'], [4_900, 'unknown']), beside, span).state).toBe('unknown');
  });

  test('whose end the system itself told is dead, whatever the logins beside it meet', () => {
    expect(judgeSession(seen([900, 'accepted'], [1_200, 'closed']), seen([1_300, 'unknown']), span)).toMatchObject({
      state: 'done',
      at: 1_200,
    });
  });

  test('that was closed without a word may have lost its network, where no login beside it is answered since', () => {
    const closed = seen([900, 'accepted'], [1_200, 'closed']).map((one) =>
      one.answer === 'closed' ? { ...one, code: 'ECONNRESET' } : one,
    );
    for (const beside of [[], seen([900, 'accepted'], [1_200, 'refused']), seen([900, 'accepted'], [1_300, 'unknown'])])
      expect(judgeSession(closed, beside, span)).toMatchObject({ state: 'unknown', why: expect.stringContaining('network') });
    expect(judgeSession(closed, seen([1_300, 'accepted']), span).state).toBe('done');
  });
});

describe('the new one at a point', () => {
  const judged = (...all: Seen) => judgeNewLogin(seen(...all), span);

  test('is let in from the first time on after which it was not refused', () => {
    expect(judged([1_100, 'accepted'], [1_200, 'refused'], [1_300, 'accepted'], [4_900, 'accepted'])).toEqual({
      state: 'done',
      at: 1_300,
      why: 'let in',
    });
  });

  test('that is refused at the end is not let in', () => {
    expect(judged([1_100, 'accepted'], [4_900, 'refused'])).toEqual({ state: 'not-done', at: null, why: 'refused (28P01)' });
  });

  test('of which nobody heard at the end is not known', () => {
    expect(judged().state).toBe('unknown');
    expect(judged([4_900, 'unknown']).state).toBe('unknown');
    expect(judged([1_100, 'accepted'], [2_900, 'accepted'], [4_900, 'unknown']).state).toBe('unknown');
    expect(judged([1_100, 'refused'], [2_900, 'refused']).state).toBe('unknown');
  });
});

test('of several the worst counts, and of those that are done the latest', () => {
  const done = (at: number): Judged => ({ state: 'done', at, why: '' });
  const unknown: Judged = { state: 'unknown', at: null, why: '' };
  const not: Judged = { state: 'not-done', at: null, why: '' };
  expect(worst([done(1), done(3), done(2)])).toEqual(done(3));
  expect(worst([done(1), unknown])).toEqual(unknown);
  expect(worst([unknown, not, done(1)])).toEqual(not);
  expect(worst([]).state).toBe('unknown');
});

test('beside a session are the logins at the same point from the same place', () => {
  const track = (point: string, where: string, mode: Track['mode'], endedAt: number): Track => {
    const samples = seen([endedAt, 'refused']);
    return { point, where, credential: 'old', mode, samples: () => samples };
  };
  const session = track('db', 'api', 'session', 1);
  const all = [session, track('db', 'api', 'login', 2), track('db', 'web', 'login', 3), track('db2', 'api', 'login', 4)];
  expect(loginsBeside(session, all).map(({ endedAt }) => endedAt)).toEqual([2]);
});
