import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { params } from './params.ts';

const least = { anchor: { service: 'anchor' }, operate: { command: ['read'], records: 'stdout' } };
const problem = (given: object) => {
  const result = params.safeParse(given);
  return result.success ? null : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
};

test('what the catalogue’s drill says is understood', () => {
  const drill = parse(readFileSync(new URL('../../../drills/stolen-data-is-useless.yaml', import.meta.url), 'utf8')) as { params: object };
  expect(params.parse(drill.params)).toMatchObject({
    anchor: { service: 'anchor' },
    steal: { volumes: ['shop_orders'], image: true, environment: true, secrets: false, maxSize: 2 ** 30 },
    operate: { timeout: 30_000 },
    drills: ['theft', 'backup', 'no-export', 'ledger', 'cut', 'throttle', 'alert'],
    throttle: { operations: 200, window: 10_000, atMost: 50 },
  });
});

test('by default what is carried away is tried, and nothing is touched', () => {
  expect(params.parse(least)).toMatchObject({ drills: ['theft', 'backup'] });
});

test.each([
  [{ ...least, anchor: {} }, /anchor: must have exactly one of service, container and address/],
  [{ ...least, anchor: { service: 'a', container: 'b' } }, /anchor: must have exactly one/],
  [{ ...least, anchor: { address: 'hsm' } }, /anchor\.address: is not host:port/],
  [{ ...least, anchor: { address: 'hsm:1792' }, ledger: { command: ['count'] } }, /ledger\.in: is missing/],
  [{ ...least, operate: { command: [], records: 'stdout' } }, /operate\.command: is an empty command/],
  [{ ...least, operate: { command: ['read'], records: 'stderr' } }, /operate\.records/],
  [{ ...least, steal: { volumes: [] } }, /steal\.volumes/],
  [{ ...least, steal: { volumes: ['a'], image: false } }, /steal\.image: must be true/],
  [{ ...least, drills: [] }, /drills/],
  [{ ...least, drills: ['teft'] }, /drills\.0/],
  [{ ...least, throttle: { operations: 50, window: '10s', atMost: 50 } }, /throttle\.atMost: must be less than operations \(50\)/],
  [{ ...least, key: { fingerprint: 'abc' } }, /key\.fingerprint: is no fingerprint/],
  [{ ...least, backup: { volumes: { a: 'b' } } }, /backup\.volumes\.a: is not among the volumes of steal/],
  [{ ...least, cut: { command: ['x'] } }, /cut\.undo/],
  [{ ...least, thef: {} }, /thef/],
])('%o is a mistake', (given, message) => expect(problem(given)).toMatch(message));
