import { expect, test } from 'vitest';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { asTarget } from '../../domain/target.ts';
import { aliasesOf, dependsOnLabel, findPeers, neededBy } from './peers.ts';

/** A container of the project `shop`; only what is read. */
function container(
  service: string,
  over: { needs?: string; networks?: readonly string[]; name?: string; labels?: object } = {},
): ContainerInspect {
  const name = over.name ?? `shop-${service}-1`;
  const networks = Object.fromEntries((over.networks ?? ['net']).map((one) => [one, { Aliases: [service, `${service}-alias`] }]));
  return {
    Id: name.padEnd(64, '0'),
    Name: `/${name}`,
    Created: '2026-01-01T00:00:00Z',
    State: { StartedAt: '2026-01-01T00:00:00Z', Running: true },
    Config: {
      Image: 'x',
      Labels: {
        'com.docker.compose.project': 'shop',
        'com.docker.compose.service': service,
        ...(over.needs === undefined ? {} : { [dependsOnLabel]: over.needs }),
        ...over.labels,
      },
    },
    HostConfig: {},
    NetworkSettings: { Networks: networks },
  } as unknown as ContainerInspect;
}

const db = container('db', { networks: ['back'] });
const redis = container('redis', { networks: ['back'] });
const api = container('api', {
  networks: ['front', 'back'],
  needs: 'db:service_healthy:false,redis:service_started:true,migrate:service_completed_successfully:false',
});
const api2 = container('api', { networks: ['front', 'back'], name: 'shop-api-2' });
const web = container('web', { networks: ['front'] });
const all = [api, api2, db, redis, web];
const namesOf = (found: readonly ContainerInspect[]) => found.map(({ Name }) => Name);

test('what Compose says, without the jobs that end', () => {
  expect(neededBy(api, {})).toEqual(['db', 'redis']);
  expect(findPeers(asTarget(api), {}, all)).toMatchObject({ how: 'said', names: ['db', 'redis'], obstacle: null, containers: [db, redis] });
  expect(neededBy(web, {})).toBeNull();
});

test('what the drill says stands before it, by service or by container; an empty list says that nothing is needed', () => {
  expect(neededBy(api, { api: ['db'] })).toEqual(['db']);
  expect(neededBy(api, { 'shop-api-1': [], api: ['db'] })).toEqual([]);
  expect(findPeers(asTarget(api), { api: [] }, all)).toEqual({ how: 'said', containers: [], names: [], obstacle: null });
});

test('what is needed in turn comes first, one of each service, and nobody twice', () => {
  const found = findPeers(asTarget(web), { web: ['api'] }, all);
  expect(namesOf(found.containers)).toEqual(['/shop-db-1', '/shop-redis-1', '/shop-api-1']);
  const circle = findPeers(asTarget(web), { web: ['api'], api: ['web', 'db'] }, all);
  expect(namesOf(circle.containers)).toEqual(['/shop-db-1', '/shop-api-1']);
});

test('where nobody says, whatever is on its own networks, and what that is said to need', () => {
  const found = findPeers(asTarget(web), {}, all);
  expect([found.how, found.names, namesOf(found.containers)]).toEqual(['guessed', ['api'], ['/shop-db-1', '/shop-redis-1', '/shop-api-1']]);
  expect(
    findPeers(asTarget(container('lone', { networks: ['bridge'] })), {}, [container('other', { networks: ['bridge'] })]).containers,
  ).toEqual([]);
});

test('what does not run, must be left alone or is too much is an obstacle', () => {
  expect(findPeers(asTarget(api), {}, [api, db]).obstacle).toBe('redis does not run');
  const skipped = container('db', { labels: { 'pitwall.skip': 'yes' } });
  expect(findPeers(asTarget(api), {}, [skipped, redis]).obstacle).toBe('db must be left alone (pitwall.skip)');
  expect(
    namesOf(findPeers(asTarget(web), {}, [container('other', { networks: ['front'], labels: { 'pitwall.skip': 'true' } })]).containers),
  ).toEqual([]);
  const many = Array.from({ length: 9 }, (_, at) => container(`s${at}`, { networks: ['front'] }));
  expect(findPeers(asTarget(web), {}, many).obstacle).toBe('that would be 9 clones, at most 8 are made');
});

test('it is known by its name, its service and its aliases', () => {
  expect(aliasesOf(db)).toEqual(['shop-db-1', 'db', 'db-alias']);
});
