import { expect, test } from 'vitest';
import { fakeClock } from '../../../test/support/fake-clock.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Hold } from '../../domain/evidence.ts';
import type { Json } from '../../domain/journal.ts';
import { checkLeases, type LeaseDeps } from './check-leases.ts';

/** One overdue hold, looked at `times` times; how often its lease was acted on, and what was said. */
async function looked(times: number, onExpiry: Hold['onExpiry'], { replacement = null as string | null, away = false }) {
  const clock = fakeClock();
  let hold = {
    evidenceId: 'ev_1',
    engine: 'local',
    engineId: 'E',
    containerId: 'a',
    containerName: 'web',
    state: 'quarantined',
    foreign: false,
    since: 0,
    deadline: 1,
    onExpiry,
    noticedAt: null,
    endedAt: null,
    ending: null,
  } as Hold;
  let kept: Json = { networking: null, policy: null, replacement };
  let tries = 0;
  const lost = new EngineError('engine_unreachable', 'engine local: cannot ask whether it lives: nobody listens there');
  const deps = {
    clock,
    processId: 1,
    engines: [
      { name: 'local', info: async () => ({ id: 'E' }), ping: async () => (away ? Promise.reject(lost) : undefined) } as unknown as Engine,
    ],
    store: {
      journal: { openChanges: () => [] },
      holds: {
        current: () => [hold],
        get: () => hold,
        kept: () => kept,
        keep: (_id: string, next: Json) => {
          kept = next;
        },
        update: (_id: string, change: Partial<Hold>) => {
          hold = { ...hold, ...change };
        },
        notice: () => {
          hold = { ...hold, noticedAt: clock.now() };
          return true;
        },
      },
    },
    carryOut: async () => {
      tries++;
      throw away ? lost : new Error('nobody asked for that');
    },
  } as unknown as LeaseDeps;
  const said: string[] = [];
  for (let i = 0; i < times; i++) said.push(...(await checkLeases(deps, { watch: false })).map(({ kind }) => kind));
  return { tries, said, onExpiry: hold.onExpiry };
}

test('one that was replaced already is not replaced again, second after second: it is said to be overdue', async () => {
  expect(await looked(3, 'replace', { replacement: 'b' })).toEqual({ tries: 0, said: ['overdue'], onExpiry: 'notify' });
});

test('nothing is begun while the engine is away', async () => {
  expect(await looked(3, 'kill', { away: true })).toEqual({ tries: 0, said: ['failed'], onExpiry: 'kill' });
});
