import { expect, test } from 'vitest';
import { planLines } from './plan-lines.ts';

test('commands of several lines stay below their own, and the same ones for another target are named once', () => {
  const commands = ['  A: one\n\ntwo', '  B: three'];
  const lines = planLines([
    { order: 1, actions: ['clone a:', ...commands, 'remove it'] },
    { order: 2, actions: ['clone b:', ...commands, 'remove it'] },
    { order: 3, actions: ['clone c:', '  A: other', 'remove it'] },
  ]);
  expect(lines.get(1)).toEqual(['clone a:', '  A: one\n    two', '  B: three', 'remove it']);
  expect(lines.get(2)).toEqual(['clone b:', '  the same 2 commands as in step 1', 'remove it']);
  expect(lines.get(3)).toEqual(['clone c:', '  A: other', 'remove it']);
});
