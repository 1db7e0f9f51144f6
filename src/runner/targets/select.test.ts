import { expect, test } from 'vitest';
import { summary } from '../../../test/support/targets.ts';
import type { Drill } from '../../domain/drill.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { seededRandom } from '../../domain/random.ts';
import { select } from './select.ts';

const drill = (pick: Drill['targets']['pick']) =>
  ({
    name: 'd',
    kind: 'reverse-uptime',
    targets: { labels: {}, compose: null, names: ['*'], images: null, networks: null, engines: null, pick },
    safety: { maxTargets: 100, minHealthy: null, timeoutMs: 1, abortIf: null, window: null },
  }) as unknown as Drill;

function engineWith(names: readonly string[], labels: Readonly<Record<string, string>> = { 'pitwall.drills': 'all' }): Engine {
  const containers = names.map((name) => summary(name, { labels }));
  const inspect = async (id: string) => {
    const one = containers.find((container) => container.id === id);
    return {
      Id: id,
      Name: `/${one?.name}`,
      Created: '2026-01-01T00:00:00Z',
      State: { StartedAt: '2026-01-01T00:00:00Z' },
      Config: { Image: 'busybox:1', Labels: labels },
      HostConfig: { PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: '5000' }] } },
      NetworkSettings: { Networks: {} },
    } as unknown as ContainerInspect;
  };
  return { name: 'local', environment: 'local', list: async () => containers, inspect } as unknown as Engine;
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `c${String(i).padStart(2, '0')}`);
const options = (seed: string) => ({ rules: [], self: { containerId: null, registry: null }, random: seededRandom(seed) });

test('a share rounds down, without losing one to a rounding error, and is at least one', async () => {
  const picked = async (count: number, share: number) =>
    (await select(drill({ share }), engineWith(names(count)), options('s'))).targets.length;
  expect(await picked(50, 0.58)).toBe(29);
  expect(await picked(3, 0.5)).toBe(1);
  expect(await picked(3, 0.01)).toBe(1);
  expect(await picked(3, 1)).toBe(3);
});

test('the same seed over the same list picks the same, in the order of names', async () => {
  const picked = async (seed: string) =>
    (await select(drill({ count: 5 }), engineWith(names(30)), options(seed))).targets.map((one) => one.name);
  expect(await picked('a')).toEqual(await picked('a'));
  expect(await picked('a')).not.toEqual(await picked('b'));
  expect(await picked('a')).toEqual((await picked('a')).toSorted());
});

test('Pitwall itself, its registry and its helpers are out of bounds, whatever their labels say', async () => {
  const engine = engineWith(['one']);
  const self = { containerId: null, registry: null };
  const refused = async (given: Parameters<typeof select>[2]['self'], on = engine) =>
    select(drill({ all: true }), on, { ...options('s'), self: given }).then(
      () => null,
      (error: Error) => error.message,
    );
  expect(await refused(self)).toBeNull();
  expect(await refused({ ...self, containerId: 'one'.padEnd(64, '0') })).toMatch(/it is Pitwall itself/);
  expect(await refused({ ...self, registry: { host: '127.0.0.1', port: 5000 } })).toMatch(/the evidence registry/);
  expect(await refused({ ...self, registry: { host: 'one', port: 80 } })).toMatch(/the evidence registry/);
  expect(await refused(self, engineWith(['one'], { 'pitwall.drills': 'all', 'pitwall.run': 'x' }))).toMatch(/a helper of Pitwall/);
});
