import { expect, test } from 'vitest';
import { unlisted } from '../../runner/targets/opt-in.ts';
import type { TargetView } from '../../runner/targets/target-view.ts';
import { mayBeDrilled, optInHint } from './targets.ts';

const view = (leftOut: string | null, kinds: string[] = []) => ({ leftOut, kinds }) as unknown as TargetView;
const paint = (_style: string, text: string) => text;

test('that nothing opted a container in is said in three words a row, and how it would be, once below', () => {
  expect(mayBeDrilled(view(unlisted), paint)).toBe('none: not opted in');
  expect(mayBeDrilled(view('pitwall.skip is "true"'), paint)).toBe('none: pitwall.skip is "true"');
  expect(mayBeDrilled(view(null, ['lifecycle', 'segmentation']), paint)).toBe('lifecycle, segmentation');
  expect(optInHint([view(null, ['lifecycle']), view(unlisted)])).toMatch(/^a container opts in by the label pitwall\.drills/);
  expect(optInHint([view(null, ['lifecycle']), view('pitwall.skip is "true"')])).toBeNull();
});
