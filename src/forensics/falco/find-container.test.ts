import { expect, it } from 'vitest';
import { summary } from '../../../test/support/targets.ts';
import type { ContainerSummary } from '../../domain/engine/containers.ts';
import type { EngineInfo } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import { type AlertEngine, containerFinder } from './find-container.ts';

function engine(name: string, containers: readonly ContainerSummary[] | Error, id = name): AlertEngine & { asked: number } {
  const fake = {
    name,
    environment: 'ci',
    asked: 0,
    async list() {
      fake.asked += 1;
      await Promise.resolve();
      if (containers instanceof Error) throw containers;
      return [...containers];
    },
    info: async () => ({ id }) as EngineInfo,
  };
  return fake;
}

const web = summary('web', { id: 'abcdef012345'.padEnd(64, '0') });
const other = summary('other', { id: 'abcdef012345'.padEnd(64, '1') });
const lost = new EngineError('engine_unreachable', 'engine b does not answer');

it('finds it by a beginning of its id, wherever it is', async () => {
  const find = containerFinder([engine('a', []), engine('b', [web])]);
  expect(await find('abcdef012345')).toMatchObject({ state: 'found', found: { engine: { name: 'b' }, engineId: 'b', container: web } });
  expect(await find('abcdef012346')).toEqual({ state: 'none' });
});

it('does not choose between two', async () => {
  expect(await containerFinder([engine('a', [web, other])])('abcdef012345')).toEqual({
    state: 'ambiguous',
    reason: 'abcdef012345 is the beginning of several ids: web on a, other on a',
  });
  expect(await containerFinder([engine('a', [web]), engine('b', [other])])('abcdef012345')).toMatchObject({ state: 'ambiguous' });
  expect(await containerFinder([engine('a', [web]), engine('b', [web])])('abcdef012345')).toMatchObject({ state: 'ambiguous' });
  expect(await containerFinder([engine('a', [web, other])])(web.id)).toMatchObject({ state: 'found', found: { container: web } });
});

it('knows one engine under two names', async () => {
  const find = containerFinder([engine('a', [web], 'same'), engine('b', [web], 'same')]);
  expect(await find(web.id)).toMatchObject({ state: 'found', found: { engine: { name: 'a' } } });
});

it('does not say that there is none while an engine does not answer', async () => {
  expect(await containerFinder([engine('a', [web]), engine('b', lost)])('abcdef012345')).toMatchObject({ state: 'found' });
  await expect(containerFinder([engine('a', []), engine('b', lost)])('abcdef012345')).rejects.toThrow(
    'container abcdef012345 is on no engine that answers: engine b does not answer',
  );
});

it('asks once for all that come while it asks, and again after that', async () => {
  const one = engine('a', [web]);
  const find = containerFinder([one]);
  await Promise.all(Array.from({ length: 500 }, () => find('abcdef012345')));
  expect(one.asked).toBeLessThanOrEqual(2);
  const before = one.asked;
  await find('abcdef012345');
  expect(one.asked).toBe(before + 1);
});
