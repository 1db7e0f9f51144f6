import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { nthAddress } from './lookup.ts';

/** A name service that tells the same in another order each time. */
function shuffling(...addresses: string[]): LookupFunction {
  let turn = 0;
  return (_hostname, _options, answer) => {
    turn += 1;
    const all = addresses.map((_, i) => ({ address: addresses[(i + turn) % addresses.length] as string, family: 4 }));
    answer(null, all);
  };
}

const ask = (lookup: LookupFunction, all: boolean) =>
  new Promise<string>((resolve, reject) => {
    lookup('tasks.api', { all }, (error, found) => {
      if (error !== null) reject(error);
      else resolve(typeof found === 'string' ? found : (found as LookupAddress[]).map(({ address }) => address).join());
    });
  });

test('one of several addresses, the same each time, and together all of them', async () => {
  const lookup = shuffling('10.0.1.4', '10.0.1.3', '10.0.1.5');
  for (const all of [true, false]) {
    const asked = await Promise.all([0, 0, 1, 1, 2, 2, 3].map((nth) => ask(nthAddress(lookup, nth), all)));
    expect(asked).toEqual(['10.0.1.3', '10.0.1.3', '10.0.1.4', '10.0.1.4', '10.0.1.5', '10.0.1.5', '10.0.1.3']);
  }
});

test('a name that is not known stays so', async () => {
  const unknown: LookupFunction = (_hostname, _options, answer) => answer(Object.assign(new Error('gone'), { code: 'ENOTFOUND' }), []);
  await expect(ask(nthAddress(unknown, 1), true)).rejects.toMatchObject({ code: 'ENOTFOUND' });
});
