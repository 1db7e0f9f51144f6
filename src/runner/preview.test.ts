import { expect, test } from 'vitest';
import { tempStore } from '../../test/store/support.ts';
import type { Drill } from '../domain/drill.ts';
import type { Engine } from '../domain/engine.ts';
import { RefusedError } from '../domain/errors.ts';
import { previewPlan } from './preview.ts';
import type { Given } from './run/given.ts';

const drill = { name: 'd', kind: 'k', environments: ['local'], params: {}, safety: { window: null, timeoutMs: 1_000, minHealthy: null } };
const engine = { name: 'local', environment: 'local', info: async () => ({ id: 'E' }), list: async () => [] };

/** Of a kind that plans like that, with something that cannot be removed. */
async function leftBy(plan: () => Promise<object>) {
  const { store, clock } = tempStore();
  const deps = { store, clock, kinds: new Map([['k', { name: 'k', plan }]]), config: { policy: { production: [] } } };
  const left: string[] = [];
  const given: Given = {
    from: 'odd.yml',
    notes: [],
    make: async (_engine, { onLeft }) => ({ targets: [], remove: async () => onLeft('volume x could not be removed') }),
  };
  const options = { seed: 's', given, onLeft: (sentence: string) => left.push(sentence) };
  const asked = previewPlan(
    drill as unknown as Drill,
    engine as unknown as Engine,
    options,
    deps as unknown as Parameters<typeof previewPlan>[3],
  );
  return { said: await asked.then(({ notes }) => notes.join()).catch((error: Error) => error.message), left };
}

const sentence = 'of what was made from odd.yml, volume x could not be removed';

test('what a plan has made and cannot remove is told, also where there is no plan', async () => {
  const planned = await leftBy(async () => ({ units: [], idle: [], notes: [] }));
  expect(planned).toEqual({ said: expect.not.stringContaining('removed again'), left: [sentence] });
  const refused = await leftBy(() => Promise.reject(new RefusedError('no', 'it cannot be planned')));
  expect(refused).toEqual({ said: 'it cannot be planned', left: [sentence] });
});
