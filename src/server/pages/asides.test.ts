import { expect, test } from 'vitest';
import { RefusedError } from '../../domain/errors.ts';
import { createAsides } from './asides.ts';

const clock = { at: 0, now: () => ++clock.at };

test('what ends soon is waited for, and its answer is known afterwards', async () => {
  const asides = createAsides<string>(clock, { patienceMs: 10_000 });
  expect(asides.of('a')).toBeNull();
  await asides.start('a', async () => 'done');
  expect(asides.of('a')).toMatchObject({ state: 'done', value: 'done' });
});

test('what fails soon fails here; what fails later is said on the page', async () => {
  const refused = () => Promise.reject(new RefusedError('x', 'not now'));
  const patient = createAsides<string>(clock, { patienceMs: 10_000 });
  await expect(patient.start('a', refused)).rejects.toThrow('not now');
  await expect(
    patient.start('b', () => {
      throw new RefusedError('x', 'at once');
    }),
  ).rejects.toThrow('at once');
  const asides = createAsides<string>(clock, { patienceMs: 0 });
  let fail = (_error: Error): void => undefined;
  const work = new Promise<string>((_, reject) => (fail = reject));
  await asides.start('a', () => work);
  expect(asides.of('a')?.state).toBe('going');
  fail(new RefusedError('x', 'not now'));
  await expect(work).rejects.toThrow();
  await Promise.resolve();
  expect(asides.of('a')).toMatchObject({ state: 'failed', message: 'not now' });
});

test('it is not begun twice at a time', async () => {
  let begun = 0;
  let end = (_value: string): void => undefined;
  const asides = createAsides<string>(clock, { patienceMs: 0 });
  const work = () => {
    begun++;
    return new Promise<string>((resolve) => (end = resolve));
  };
  await Promise.all([asides.start('a', work), asides.start('a', work)]);
  expect(begun).toBe(1);
  end('x');
  await Promise.resolve();
  await new Promise(setImmediate);
  await asides.start('a', async () => 'again');
  await new Promise(setImmediate);
  expect([begun, asides.of('a')]).toMatchObject([1, { state: 'done', value: 'again' }]);
});

test('only so many are remembered, the newest', async () => {
  const asides = createAsides<number>(clock, { patienceMs: 1_000, most: 2 });
  for (const id of [1, 2, 3]) await asides.start(String(id), async () => id);
  expect([1, 2, 3].map((id) => asides.of(String(id))?.state ?? null)).toEqual([null, 'done', 'done']);
});
