import { describe, expect, it } from 'vitest';
import type { Answer, Sample } from '../../checks/prober/contract.ts';
import { judgeOldLogin, judgeSession } from './judge.ts';

const span = { leakAt: 1_000, endAt: 2_000 };

/** One every 100 ms, the first at 800. */
const series = (...answers: readonly (readonly [Answer, string | null])[]): Sample[] =>
  answers.map(([answer, code], i) => ({ dueAt: 800 + i * 100, startedAt: 800 + i * 100, endedAt: 810 + i * 100, answer, code }));
const open = ['accepted', null] as const;
const refused = ['refused', '28P01'] as const;
const cut = ['closed', '57P01'] as const;

describe('the old credential', () => {
  it('that is refused after the leak is refused from then on', () => {
    expect(judgeOldLogin(series(open, open, open, refused), span)).toMatchObject({ state: 'done', at: 1_110 });
  });

  it('that somebody else refused before the leak says nothing about the rotation', () => {
    expect(judgeOldLogin(series(open, refused, refused, refused), span)).toMatchObject({ state: 'unknown', at: null });
  });
});

describe('a session', () => {
  const logins = series(open, open, open, refused, refused);

  it('that ends after the leak was ended', () => {
    expect(judgeSession(series(open, open, open, cut), logins, span)).toMatchObject({ state: 'done', at: 1_110 });
  });

  it('that had ended before the leak says nothing about the rotation', () => {
    expect(judgeSession(series(open, cut, cut), logins, span)).toMatchObject({ state: 'unknown', at: null });
  });
});
