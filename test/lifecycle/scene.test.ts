import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/domain/engine.ts';
import { EngineError } from '../../src/domain/errors.ts';
import { asTarget } from '../../src/domain/target.ts';
import type { Context } from '../../src/drills/lifecycle/context.ts';
import { openScene } from '../../src/drills/lifecycle/scene.ts';
import { never, realClock } from '../checks/scope.ts';
import { connect } from '../helper/lab.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';

const instance = `scene-${randomBytes(4).toString('hex')}`;
let box: Fixture;
let engine: Engine;
beforeAll(() => {
  box = fixture();
  engine = connect();
});
afterAll(async () => {
  await engine.close();
  await box[Symbol.asyncDispose]();
});

const clones = async () =>
  (await docker('ps', '-aq', '--filter', `label=pitwall.instance=${instance}`, '--filter', 'label=pitwall.role=clone'))
    .split('\n')
    .filter(Boolean);

test('what it needs, once it could not be raised, stays away for every check: half of it is never taken for all of it', async () => {
  await box.run('db', '--', 'sleep', '600');
  const db = await engine.inspect(box.name('db'));
  let refused = 0;
  const hands: Engine = {
    ...engine,
    // only while the clone is watched: when it is made it has no id yet
    async inspect(id, options) {
      if (refused > 0 || id === db.Id) return engine.inspect(id, options);
      refused++;
      throw new EngineError('engine_failed', 'the engine had no time');
    },
  };
  const context = { engine: hands, runId: '01JD00000000000000000000SC', instance, clock: realClock, signal: never, event: () => undefined };
  const peers = { how: 'said', containers: [db], names: ['db'], obstacle: null } as const;
  const scene = await openScene(asTarget(db), peers, context as unknown as Context);
  try {
    expect(await scene.raisePeers()).toBe('the engine had no time');
    expect(await clones()).toEqual([]);
    expect(await scene.raisePeers()).toBe('the engine had no time');
    expect(refused).toBe(1);
  } finally {
    await scene[Symbol.asyncDispose]();
  }
  expect(await clones()).toEqual([]);
});

test('an abort is passed on, and is no success either', async () => {
  const db = await engine.inspect(box.name('db'));
  const aborter = new AbortController();
  const hands: Engine = {
    ...engine,
    async start(id, options) {
      await engine.start(id, options);
      aborter.abort(new Error('halted'));
    },
  };
  const context = { engine: hands, runId: '01JD00000000000000000000SD', instance, clock: realClock, signal: aborter.signal };
  const peers = { how: 'said', containers: [db], names: ['db'], obstacle: null } as const;
  const scene = await openScene(asTarget(db), peers, context as unknown as Context);
  try {
    await expect(scene.raisePeers()).rejects.toThrow('halted');
    expect(await clones()).toEqual([]);
    expect(await scene.raisePeers()).toBe('halted');
  } finally {
    await scene[Symbol.asyncDispose]();
  }
});
