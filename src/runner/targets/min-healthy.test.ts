import { expect, test } from 'vitest';
import { composeLabels, summary, target } from '../../../test/support/targets.ts';
import type { Safety } from '../../domain/drill.ts';
import type { WorkUnit } from '../../domain/kind.ts';
import { healthFloor, mayTake, refuseImpossible } from './min-healthy.ts';

const web = composeLabels('shop', 'web');
const replicas = (count: number, over = {}) =>
  Array.from({ length: count }, (_, i) => summary(`shop-web-${i + 1}`, { labels: web, ...over }));
const units = (...names: string[]): WorkUnit[] => names.map((name) => ({ targets: [target(name, web)], actions: [] }));
const safety = (minHealthy: Safety['minHealthy']): Safety => ({ maxTargets: 10, minHealthy, timeoutMs: 1, abortIf: null, window: null });
const floor = (minHealthy: Safety['minHealthy'], count: number) =>
  healthFloor(safety(minHealthy), units('shop-web-1'), replicas(count)).required.get('shop/web');

test('by default half from two replicas on, and none of a single one', () => {
  expect([1, 2, 3, 4, 5].map((count) => floor(null, count))).toEqual([0, 1, 2, 2, 3]);
});

test('a share is rounded up, without an extra one by a rounding error', () => {
  expect(floor(0.5, 1)).toBe(1);
  expect(floor(0.07, 100)).toBe(7);
  expect(floor(1, 3)).toBe(3);
  expect(floor(0, 3)).toBe(0);
});

test('unhealthy ones and those that do not run do not count', () => {
  const running = [
    ...replicas(2),
    summary('shop-web-3', { labels: web, status: 'Up 1 minute (unhealthy)' }),
    summary('shop-web-4', { labels: web, state: 'paused' }),
  ];
  expect(healthFloor(safety(1), units('shop-web-1'), running).required.get('shop/web')).toBe(2);
});

test('what could never be taken is refused before anything is touched', () => {
  const running = replicas(2);
  const all = units('shop-web-1');
  expect(() => refuseImpossible(healthFloor(safety(1), all, running), all, running)).toThrow(
    /shop\/web has 2 healthy, and taking 1 would leave 1; safety.minHealthy asks for 2/,
  );
  expect(() => refuseImpossible(healthFloor(safety(0.5), all, running), all, running)).not.toThrow();
});

test('a service whose only replica is a target will be down', () => {
  expect(healthFloor(safety(null), units('shop-web-1'), replicas(1)).willBeDown.has('shop/web')).toBe(true);
  expect(healthFloor(safety(null), units('shop-web-1'), replicas(2)).willBeDown.has('shop/web')).toBe(false);
});

test('a target that is not touched takes nothing away', async () => {
  const running = replicas(1);
  const [unit] = units('shop-web-1').map((one) => ({ ...one, untouched: true })) as [WorkUnit];
  const kept = healthFloor(safety(1), [unit], running);
  expect(kept.willBeDown.size).toBe(0);
  expect(() => refuseImpossible(kept, [unit], running)).not.toThrow();
  // nobody is asked how many are up, though one of another run has its floor
  const others = healthFloor(safety(1), units('shop-web-1'), running);
  expect(await mayTake(unit, new Set(), others, null as never)).toBe(true);
});
