import { expect, it } from 'vitest';
import type { Engine } from '../domain/engine.ts';
import type { ChangeHandler, ChangeRecord } from '../domain/journal.ts';
import { type ReconcileDeps, reconcileRun } from './reconcile.ts';

it('settles a change that needs the others only when all of those are settled, whatever their targets', async () => {
  const said: string[] = [];
  const handler = (kind: string, afterOthers: boolean): ChangeHandler => ({
    kind,
    afterOthers,
    async reconcile({ target }) {
      said.push(`${kind} of ${target} begins`);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      said.push(`${kind} of ${target} ends`);
      return { state: 'undone', note: '' };
    },
  });
  // newest first, as the journal has them
  const changes = [
    { id: 3, kind: 'restart', target: 'api' },
    { id: 2, kind: 'rotation', target: 'db' },
    { id: 1, kind: 'restart', target: 'db' },
  ] as ChangeRecord[];
  const deps = {
    handlers: new Map([handler('rotation', true), handler('restart', false)].map((one) => [one.kind, one])),
    store: { journal: { openChanges: () => changes, residueChanges: () => [], close: () => undefined } },
    clock: { monotonic: () => 0 },
  };
  expect(await reconcileRun('r', {} as Engine, deps as unknown as ReconcileDeps)).toEqual([]);
  expect(said).toEqual([
    'restart of api begins',
    'restart of db begins',
    'restart of api ends',
    'restart of db ends',
    'rotation of db begins',
    'rotation of db ends',
  ]);
});
