import { expect, test } from 'vitest';
import type { Drill } from '../../domain/drill.ts';
import type { DrillKind } from '../../domain/kind.ts';
import { judge, type Objectives } from '../../domain/objectives.ts';
import type { ObjectiveBound, Unit } from '../../domain/words.ts';
import { createContext } from './context.ts';

/** What a measurement is held to, by the drill's objectives: `planned_x` shares that of `x`. */
function heldTo(name: string, { objectives, own }: { objectives: Objectives | null; own?: ObjectiveBound }): ObjectiveBound | null {
  const kind = {
    name: 'k',
    measures: { x: 'count', planned_x: 'count', y: 'count' },
    defaultObjectives: { y: { max: 9 } },
    sharedObjectives: { planned_x: 'x', planned_y: 'y' },
  } as unknown as DrillKind<unknown>;
  const drill = { name: 'd', kind: 'k', objectives: objectives ?? kind.defaultObjectives } as unknown as Drill;
  let seen: ObjectiveBound | null = null;
  const record = {
    measure: (asked: string, _: unknown, value: number, unit: Unit, bound?: ObjectiveBound) => {
      seen = judge({ name: asked, target: null, value, unit }, drill.objectives, bound ?? null).objective;
    },
  };
  const parts = { drill, record, prepared: { selection: { targets: [] } } } as unknown as Parameters<typeof createContext>[0];
  const deps = { kinds: new Map([['k', kind]]), store: {} } as unknown as Parameters<typeof createContext>[1];
  createContext(parts, deps).measure(name, null, 1, own);
  return seen;
}

test('a measurement is held to its own objective, else to the one that it shares, else to the default of its kind', () => {
  const own = { max: 0 };
  expect(heldTo('planned_x', { objectives: { x: { max: 3 }, planned_x: { max: 2 } }, own })).toEqual({ max: 2 });
  expect(heldTo('planned_x', { objectives: { x: { max: 3 } }, own })).toEqual({ max: 3 });
  expect(heldTo('planned_x', { objectives: { y: { max: 3 } }, own })).toBeNull();
  expect(heldTo('planned_x', { objectives: null, own })).toEqual(own);
  expect(heldTo('x', { objectives: { planned_x: { max: 2 } }, own })).toBeNull();
  expect(heldTo('y', { objectives: null })).toEqual({ max: 9 });
});
