import { expect, test } from 'vitest';
import { rollUpSaid } from './roll-up-said.ts';

function said(stepMs: number): string[] {
  let now = 5_000;
  const lines: string[] = [];
  const progress = rollUpSaid({ monotonic: () => now }, (text) => lines.push(text));
  for (let done = 0; done <= 8_000; done += 500) {
    progress(done, 8_000);
    now += stepMs;
  }
  return lines;
}

test('a second is nothing to speak of; what takes longer is said at once, and then every five seconds', () => {
  expect(said(60)).toEqual([]);
  const line = (share: number) => `adding up 8000 runs of before the upgrade, once: ${share} %`;
  expect(said(250)).toEqual([line(25)]);
  expect(said(1_000)).toEqual([line(6), line(37), line(68)]);
});
