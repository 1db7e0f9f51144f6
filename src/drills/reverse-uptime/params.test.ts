import { describe, expect, it } from 'vitest';
import { params } from './params.ts';

describe('parameters', () => {
  it('are those of the example', () => {
    const example = {
      maxUptime: '7d',
      mode: 'recreate',
      parallel: 1,
      order: 'oldest-first',
      spread: '20%',
      grace: '10s',
      image: 'pinned',
      onDrift: 'report',
    };
    expect(params.parse(example)).toEqual({ ...example, maxUptime: 7 * 86_400_000, spread: 0.2, grace: 10_000 });
  });

  it('have defaults, but for the limit', () => {
    expect(params.parse({ maxUptime: '1h' })).toEqual({
      maxUptime: 3_600_000,
      mode: 'recreate',
      parallel: 1,
      order: 'oldest-first',
      spread: 0,
      image: 'pinned',
      onDrift: 'report',
    });
    expect(params.safeParse({}).success).toBe(false);
  });

  it.each([
    { maxUptime: '0s' },
    { maxUptime: 7 },
    { maxUptime: '1h', parallel: 0 },
    { maxUptime: '1h', spread: 0.2 },
    { maxUptime: '1h', mode: 'kill' },
    { maxUptime: '1h', maxAge: '2h' },
  ])('refuse %j', (wrong) => expect(params.safeParse(wrong).success).toBe(false));

  it('refuse what a restart cannot do', () => {
    const wrong = params.safeParse({ maxUptime: '1h', mode: 'restart', onDrift: 'fail', image: 'current' });
    expect(wrong.error?.issues.map((issue) => issue.path)).toEqual([['onDrift'], ['image']]);
  });
});
