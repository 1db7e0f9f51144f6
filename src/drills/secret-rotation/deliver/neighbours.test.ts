import { expect, test } from 'vitest';
import type { ContainerInspect, ContainerSummary } from '../../../domain/engine/containers.ts';
import { EngineError } from '../../../domain/errors.ts';
import { neighbours } from './neighbours.ts';

const signal = new AbortController().signal;
const names = ['own', 'web', 'hangs', 'gone', 'ended'];

/** `lists`: how often it answers that. */
function engine(lists = 2) {
  return {
    async list() {
      if (lists-- === 0) throw new EngineError('engine_unreachable', 'no engine');
      return names.map((name) => ({ id: name, name }) as ContainerSummary);
    },
    async inspect(id: string) {
      if (id === 'hangs') throw new EngineError('engine_timeout', 'no answer within 5 s');
      if (id === 'gone') throw new EngineError('not_found', 'no such container');
      return { Id: id, State: { Running: id !== 'ended' } } as ContainerInspect;
    },
  };
}

test('somebody’s container that hangs is named, and the others are looked at', async () => {
  const { all, unseen } = await neighbours({ Id: 'own' }, { engine: engine(), signal });
  expect([all.map(({ Id }) => Id), unseen]).toEqual([['web'], ['hangs']]);
});

test('an engine that answers nothing any more is lost', async () => {
  await expect(neighbours({ Id: 'own' }, { engine: engine(1), signal })).rejects.toThrow('no engine');
});
