import { expect, it } from 'vitest';
import type { Prober } from '../../checks/prober/contract.ts';
import type { Engine } from '../../domain/engine.ts';
import { openScope } from './scope.ts';

/** Records what is asked of it, and answers nothing. */
function scopeOn(asked: string[]) {
  const engine = new Proxy({} as Engine, {
    get: (_, name) => () => {
      asked.push(String(name));
      return Promise.reject(new Error('no engine'));
    },
  });
  return openScope({
    engine,
    clock: { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() },
    signal: new AbortController().signal,
    runId: 'r',
    instance: 'i',
    plan: 'leak',
    credential: 'canary',
    targets: [],
    helperImage: () => Promise.resolve({ reference: 'helper' }),
    secret: () => {
      throw new Error('no secret');
    },
    held: () => Promise.resolve(null),
    event: () => undefined,
  });
}

const beside = (scope: { prober(container: { readonly Id: string; readonly Name: string }): Promise<Prober> }) =>
  scope.prober({ Id: 'a', Name: '/a' }).catch((error: Error) => error.message);

it('opens no prober once it is closed: nobody would close that', async () => {
  const asked: string[] = [];
  const scope = scopeOn(asked);
  await beside(scope);
  expect(asked.length).toBeGreaterThan(0);
  await scope[Symbol.asyncDispose]();
  asked.length = 0;
  expect([await beside(scope), asked]).toEqual(['no prober is opened beside a: the rotation is over', []]);
});

it('goes on under the signal of an undo', () => {
  const scope = scopeOn([]);
  const undo = new AbortController();
  scope.undoUnder(undo.signal);
  undo.abort();
  expect(scope.signal.aborted).toBe(true);
});
