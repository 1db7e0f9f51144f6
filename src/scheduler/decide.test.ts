import { expect, it } from 'vitest';
import { decide, type Obstacle, type Occasion, type Situation } from './decide.ts';

const grace = 60_000;
const now = 1_000_000;
const late = (minutes: number): Occasion => ({ instant: now - minutes * 60_000, due: now - minutes * 60_000, orphan: false });
const orphan = (minutes: number): Occasion => ({ ...late(minutes), orphan: true });
const busy: Obstacle = { state: 'overlap', note: 'run 01A still goes on' };

function states(occasions: readonly Occasion[], situation: Partial<Situation> = {}): string[] {
  return decide(occasions, { now, missed: 'run-once', graceMs: grace, waiting: false, obstacle: () => null, ...situation }).map(
    ({ state }) => state,
  );
}

it.each<[string, Occasion[], Partial<Situation>, string[]]>([
  ['the one that is due', [late(0)], {}, ['claimed']],
  ['one within the grace, also when missed ones are skipped', [late(1)], { missed: 'skip' }, ['claimed']],
  ['the newest of those missed', [late(9), late(6), late(3)], {}, ['missed', 'missed', 'claimed']],
  ['none of those missed', [late(9), late(3)], { missed: 'skip' }, ['missed', 'missed']],
  ['the one on time instead of those missed', [late(9), late(3), late(0)], {}, ['missed', 'missed', 'claimed']],
  ['an orphan', [orphan(9)], {}, ['claimed']],
  ['no orphan when missed ones are skipped', [orphan(0)], { missed: 'skip' }, ['missed']],
  ['an orphan that is not due yet', [orphan(-5)], { missed: 'skip' }, ['claimed']],
  ['one slot instead of an orphan and missed ones', [orphan(9), late(6), late(3)], {}, ['missed', 'missed', 'claimed']],
  ['the first of several on time', [late(0.5), late(0.2), late(0)], {}, ['claimed', 'overlap', 'overlap']],
  ['nothing while an earlier one waits', [late(0)], { waiting: true }, ['overlap']],
  ['nothing while a run goes on', [late(9), late(3)], { obstacle: () => busy }, ['missed', 'overlap']],
  ['one with jitter left, whatever stands in the way now', [late(-5)], { obstacle: () => busy }, ['claimed']],
])('claims %s', (_, occasions, situation, expected) => {
  expect(states(occasions, situation)).toEqual(expected);
});

it('claims one at most', () => {
  expect(states([late(0.9), late(0.5), late(0)], { obstacle: () => null }).filter((state) => state === 'claimed')).toHaveLength(1);
});
