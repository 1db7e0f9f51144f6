import { expect, test } from 'vitest';
import type { Drill, Selector } from '../../domain/drill.ts';
import type { ContainerSummary } from '../../domain/engine/containers.ts';
import { uptimeLimits } from './uptime-limit.ts';

const day = 86_400_000;
const everything = { labels: {}, compose: null, names: ['*'], images: null, networks: null, engines: null, pick: { all: true } } as const;
const engine = { name: 'local', environment: 'staging' };

function drill(name: string, params: object, change: { kind?: string; environments?: string[]; targets?: Partial<Selector> } = {}): Drill {
  return {
    name,
    kind: change.kind ?? 'reverse-uptime',
    environments: change.environments ?? ['staging'],
    targets: { ...everything, ...change.targets },
    params: { maxUptime: 7 * day, mode: 'recreate', spread: 0, ...params },
  } as unknown as Drill;
}

function limitOf(
  drills: readonly Drill[],
  container: Partial<ContainerSummary> = {},
  on: typeof engine | { name: string; environment: null } = engine,
) {
  const one = {
    id: 'a',
    name: 'shop-web-1',
    image: 'web',
    imageId: '',
    state: 'running',
    status: '',
    createdAt: 0,
    labels: {},
    networks: [],
  };
  return uptimeLimits(on, drills)({ ...one, ...container });
}

test('the drill that asks the most sets it', () => {
  expect(limitOf([drill('weekly', {}), drill('daily', { maxUptime: day })])).toEqual({ drill: 'daily', ms: day, of: 'container' });
});

test('only what selects the container counts', () => {
  const labelled = drill('labelled', { maxUptime: day }, { targets: { labels: { tier: ['web', 'api'] } } });
  const composed = drill('composed', { maxUptime: 2 * day }, { targets: { compose: { project: 'shop', services: ['web'] } } });
  const drills = [labelled, composed];
  expect(limitOf(drills)).toBeNull();
  expect(limitOf(drills, { labels: { tier: 'api' } })?.drill).toBe('labelled');
  expect(limitOf(drills, { labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' } })?.drill).toBe(
    'composed',
  );
});

test('only what may run there and is of that kind counts', () => {
  const others = [
    drill('elsewhere', {}, { environments: ['ci'] }),
    drill('other-engine', {}, { targets: { engines: ['far'] } }),
    drill('other-kind', {}, { kind: 'lifecycle' }),
  ];
  expect(limitOf(others)).toBeNull();
  expect(limitOf([drill('weekly', {})], {}, { name: 'local', environment: null })).toBeNull();
});

test('what only restarts counts from the start of the processes, and gives way to what is measured', () => {
  const restarts = drill('restarts', { mode: 'restart', maxUptime: day });
  expect(limitOf([restarts])).toEqual({ drill: 'restarts', ms: day, of: 'processes' });
  expect(limitOf([restarts, drill('weekly', {})])?.drill).toBe('weekly');
});

test('a spread takes its share off, by the name', () => {
  const spread = [drill('spread', { spread: 0.5 })];
  const [one, other] = [limitOf(spread, { name: 'a' })?.ms ?? 0, limitOf(spread, { name: 'b' })?.ms ?? 0];
  expect(one).not.toBe(other);
  for (const ms of [one, other]) expect(ms > 3.5 * day - 1 && ms <= 7 * day).toBe(true);
});
