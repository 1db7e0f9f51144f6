import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { cronTicker } from '../../src/scheduler/ticker.ts';
import { openStore } from '../../src/store/open.ts';
import { runProgram } from '../store/programs/run-program.ts';
import { tempFolder } from '../store/support.ts';

const racer = new URL('./programs/racer.ts', import.meta.url);

it('two processes on one database start each slot exactly once, also when one is killed', async () => {
  const path = join(tempFolder(), 'p.db');
  const [one, two] = [runProgram(racer, [path]), runProgram(racer, [path])];
  await Promise.all([one.printed(1), two.printed(1)]);
  const both = () => one.lines.length + two.lines.length;
  while (both() < 12) await Promise.race([one.printed(one.lines.length + 1), two.printed(two.lines.length + 1)]);
  one.kill();
  await one.ended;
  await two.printed(two.lines.length + 8);
  const store = openStore({ path, clock: systemClock, create: false });
  onTestFinished(() => store.close());
  const slotsOf = (name: string) => store.slots.list(name, 1000).toSorted((a, b) => a.instant - b.instant);
  const claimed = () => ['even', 'odd'].flatMap((name) => slotsOf(name).slice(0, -1)).filter(({ state }) => state === 'claimed');
  // What the first one had claimed and not begun when it was killed is taken over at the next sweep, some seconds later.
  await expect.poll(claimed).toEqual([]);
  two.kill();
  await two.ended;

  const runs = store.runs.list({ limit: 1000 });
  const slots = ['even', 'odd'].flatMap(slotsOf);
  // A run names its slot once (the store refuses a second one), so as many runs as started slots means each exactly once.
  expect(slots.filter((slot) => slot.state === 'started')).toHaveLength(runs.length);
  expect(runs.length).toBeGreaterThanOrEqual(18);
  for (const name of ['even', 'odd']) {
    const own = slotsOf(name);
    // No second was left out; the last may be claimed and not begun, as the processes were killed.
    expect(own.map((slot) => slot.instant)).toEqual(own.map((_, index) => (own[0]?.instant ?? 0) + index * 1000));
    expect(own.slice(0, -1).every((slot) => slot.state === 'started' || slot.state === 'overlap')).toBe(true);
  }
  const printed = [...one.lines, ...two.lines].filter((line) => line !== 'ready');
  expect(new Set(printed).size).toBe(printed.length);
});

it('node-cron ticks each second until it is stopped', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-06-01T12:00:00.300Z') });
  onTestFinished(() => void vi.useRealTimers());
  const ticks: string[] = [];
  const ticking = cronTicker(() => ticks.push(new Date().toISOString().slice(17, 19)));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(ticks).toEqual(['01', '02', '03']);
  ticking.stop();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(ticks).toHaveLength(3);
});
