import { expect, test } from 'vitest';
import type { ContainerInspect, ContainerSummary } from '../domain/engine/containers.ts';
import { EngineError } from '../domain/errors.ts';
import { inspectEach } from './inspect-each.ts';

const containers = ['runs', 'gone', 'hangs'].map((id) => ({ id, name: id })) as unknown as readonly ContainerSummary[];
const inspect = async (id: string) => {
  if (id === 'gone') throw new EngineError('not_found', 'no such container');
  if (id === 'hangs') throw new EngineError('engine_timeout', 'no answer within 15 s');
  return { Id: id } as unknown as ContainerInspect;
};

test('one that went is not there, and one that the engine has no answer for is named, never left out in silence', async () => {
  const { found, silent } = await inspectEach({ inspect }, containers, AbortSignal.timeout(1_000));
  expect([found.map(({ Id }) => Id), silent.map(({ name }) => name)]).toEqual([['runs'], ['hangs']]);
});

test('an engine that is lost is lost', async () => {
  const lost = { inspect: () => Promise.reject(new EngineError('engine_unreachable', 'gone')) };
  await expect(inspectEach(lost, containers, AbortSignal.timeout(1_000))).rejects.toMatchObject({ code: 'engine_unreachable' });
});
