import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRemembered } from './remembered.ts';

function world() {
  const state = { version: 1, now: Date.UTC(2026, 0, 1, 12, 0, 10), made: 0 };
  const remembered = createRemembered<string>({ version: () => state.version }, { now: () => state.now }, { most: 2 });
  const get = (key: string) => remembered.get(key, (minute) => `${key} ${++state.made} ${new Date(minute).toISOString().slice(11, 23)}`);
  return { state, remembered, get };
}

test('is made once, as of the beginning of the minute', () => {
  const { state, get } = world();
  expect(get('a')).toBe('a 1 12:00:00.000');
  state.now += 49_000;
  expect(get('a')).toBe('a 1 12:00:00.000');
});

test('is made again in the next minute, and when something has changed', async () => {
  const { state, get } = world();
  get('a');
  state.now += 50_000;
  expect(get('a')).toBe('a 2 12:01:00.000');
  state.version += 1;
  await nextTurn();
  expect(get('a')).toBe('a 3 12:01:00.000');
});

test('what changes while it is made is not missed', async () => {
  const { state, remembered, get } = world();
  remembered.get('a', () => {
    state.version += 1;
    return 'half old';
  });
  await nextTurn();
  expect(get('a')).toBe('a 1 12:00:00.000');
});

test('an error is not kept', () => {
  const { remembered, get } = world();
  expect(() =>
    remembered.get('a', () => {
      throw new Error('no database');
    }),
  ).toThrow('no database');
  expect(get('a')).toBe('a 1 12:00:00.000');
});

test('no more are kept than it was told to', () => {
  const { get } = world();
  for (const key of ['a', 'b', 'c']) get(key);
  expect(get('b')).toBe('b 2 12:00:00.000');
  expect(get('a')).toBe('a 4 12:00:00.000');
});

test('the version is asked once for all that come in together', async () => {
  let times = 0;
  const remembered = createRemembered({ version: () => ++times }, { now: () => 0 });
  for (let n = 0; n < 50; n += 1) remembered.get(`${n % 2}`, () => '');
  expect(times).toBe(1);
  await nextTurn();
  remembered.get('0', () => '');
  expect(times).toBe(2);
});
