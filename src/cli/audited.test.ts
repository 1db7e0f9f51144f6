import { expect, test } from 'vitest';
import { tempStore } from '../../test/store/support.ts';
import { openAudit } from '../access/audit.ts';
import { FailedError, InvalidError, RefusedError } from '../domain/errors.ts';
import type { App } from './app.ts';
import { audited } from './audited.ts';

function lab() {
  const { store } = tempStore();
  const app = { actor: 'ana', store: async () => store } as unknown as App;
  const rows = () =>
    openAudit(store)
      .list()
      .toReversed()
      .map(({ act, object, data }) => ({ act, object, data }));
  return { app, rows, store };
}

const of = { act: 'freeze', object: 'web', data: { reason: 'odd' } };

test('an act is in the log before it is done, and once when it came about', async () => {
  const { app, rows } = lab();
  const seen = await audited(of, app, () => rows());
  expect(seen).toEqual([of]);
  expect(rows()).toEqual([of]);
});

test('one that did not come about has a second row, which says how it ended', async () => {
  for (const [error, data] of [
    [new InvalidError('unknown_container', 'there is none'), { outcome: 'refused', code: 'unknown_container', reason: 'odd' }],
    [new RefusedError('locked', 'another run has it'), { outcome: 'refused', code: 'locked', reason: 'odd' }],
    [new FailedError('not_frozen', 'it was not frozen'), { outcome: 'failed', code: 'not_frozen', reason: 'odd' }],
    [new Error('a defect'), { outcome: 'failed', code: 'defect', reason: 'odd' }],
  ] as const) {
    const { app, rows } = lab();
    await expect(audited(of, app, () => Promise.reject(error))).rejects.toBe(error);
    expect(rows()).toEqual([of, { ...of, data }]);
  }
});

test('what went wrong first is what is told, also where the log cannot be written any more', async () => {
  const { app, store } = lab();
  const error = new FailedError('gone', 'it was gone');
  const work = () => {
    store.close();
    throw error;
  };
  await expect(audited(of, app, work)).rejects.toBe(error);
});

test('what cannot be written down is not done', async () => {
  const { app, store } = lab();
  store.close();
  let done = false;
  await expect(audited(of, app, () => (done = true))).rejects.toThrow();
  expect(done).toBe(false);
});
