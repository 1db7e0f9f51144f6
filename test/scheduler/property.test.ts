import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Drill } from '../../src/domain/drill.ts';
import { aDrill } from './a-drill.ts';
import { aLab, type Hand } from './lab.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Minutes that the clock is set at once. */
const furthest = 1500;

type Act =
  | { readonly act: 'pass'; readonly minutes: number }
  | { readonly act: 'set'; readonly minutes: number }
  | { readonly act: 'crash' | 'stop' | 'hand' | 'hang' | 'release' }
  | { readonly act: 'edit'; readonly cron: string; readonly missed: 'run-once' | 'skip'; readonly jitterMs: number }
  | { readonly act: 'remove' };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 200 }) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('set' as const), minutes: fc.integer({ min: -furthest, max: furthest }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constantFrom('crash' as const, 'stop' as const, 'hand' as const, 'hang' as const, 'release' as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('edit' as const),
      cron: fc.constantFrom('0 * * * *', '*/15 * * * *', '30 2 * * *', '*/7 1-4 * * *'),
      missed: fc.constantFrom('run-once' as const, 'skip' as const),
      jitterMs: fc.constantFrom(0, 10 * minute),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ act: 'remove' as const }) },
);

it('never starts a slot twice and never falls silent, whatever happens to the clock, the processes and the file', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 15 }), async (acts) => {
      const lab = aLab('2026-03-28T20:00:00Z', [aDrill('d', { timezone: 'Europe/Berlin' })]);
      const hands: Hand[] = [lab.hand()];
      let hang = false;
      const held: (() => void)[] = [];
      const opened: string[] = [];
      lab.onStart = (drill, slot, processId) => {
        // Hangs before its run is open, as a process does that is killed there; or does its work at once.
        if (hang) return new Promise((resolve) => held.push(resolve));
        const run = lab.open(drill.name, slot, processId);
        opened.push(`${drill.name}@${slot.instant}`);
        lab.end(run);
      };
      const releaseAll = () => {
        hang = false;
        for (const release of held.splice(0)) release();
      };
      const step = async (one: Act) => {
        switch (one.act) {
          case 'pass':
            return lab.pass(one.minutes * minute, 5 * minute);
          case 'set':
            lab.clock.set(lab.clock.now() + one.minutes * minute);
            return lab.wake();
          case 'crash':
            hands.pop()?.crash();
            return;
          case 'stop':
            await hands.pop()?.scheduler.stop();
            return;
          case 'hand':
            if (hands.length < 3) hands.push(lab.hand());
            return;
          case 'hang':
            hang = true;
            return;
          case 'release':
            releaseAll();
            return lab.wake();
          case 'edit':
            lab.catalogue = [aDrill('d', { ...one, timezone: 'Europe/Berlin' })];
            return;
          case 'remove':
            lab.catalogue = [];
            return;
          default:
            return one satisfies never;
        }
      };
      for (const one of acts) await step(one);

      // Whatever was: with somebody there, a file, and time that passes, it runs again, at a slot that never ran.
      releaseAll();
      if (hands.length === 0) hands.push(lab.hand());
      const [drill = aDrill('d', { timezone: 'Europe/Berlin' })] = lab.catalogue as readonly Drill[];
      lab.catalogue = [drill];
      await lab.wake();
      const before = opened.length;
      // A day, for each of the schedules comes round in one; and longer when the clock was set back, as what ran before does not again.
      const longest = 24 * hour + acts.length * furthest * minute;
      for (let passed = 0; passed < longest && opened.length === before; passed += hour) await lab.pass(hour);
      expect(opened.length).toBeGreaterThan(before);
      expect(new Set(opened).size).toBe(opened.length);
      for (const hand of hands) await hand.scheduler.stop();
    }),
    { numRuns: 60 },
  );
}, 120_000);
