import { describe, expect, it } from 'vitest';
import { imageOf, targetOf } from '../../../test/recreate/support/inspect.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import { seededRandom } from '../../domain/random.ts';
import type { Target } from '../../domain/target.ts';
import { type Params, params } from './params.ts';
import { plan } from './plan.ts';

const day = 86_400_000;
const now = Date.parse('2026-03-01T00:00:00Z');
const id = (number: number) => number.toString(16).padStart(2, '0').repeat(32);

function replica(number: number, days: number, parts: Parameters<typeof targetOf>[0] = {}): Target {
  const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
  const created = new Date(now - days * day).toISOString();
  return targetOf({ id: id(number), name: `shop-web-${number}`, created, started: created, config: { Labels: labels }, ...parts });
}

/** All of it is asked: an engine that changes nothing has nothing else to be asked for. */
function engineOf(containers: readonly ContainerInspect[]): Engine {
  return {
    list: () => Promise.resolve(containers.map((one) => ({ id: one.Id, name: one.Name.slice(1) }))),
    inspect: (wanted: string) => Promise.resolve(containers.find((one) => one.Id === wanted)),
    inspectImage: (reference: string) =>
      reference.startsWith('gone') ? Promise.reject(new EngineError('image_gone', 'no such image')) : Promise.resolve(imageOf()),
  } as unknown as Engine;
}

function planned(targets: readonly Target[], given: Partial<Record<keyof Params, unknown>> = {}, others: readonly ContainerInspect[] = []) {
  return plan({
    engine: engineOf([...targets.map((target) => target.inspect), ...others]),
    params: params.parse({ maxUptime: '7d', ...given }),
    targets,
    clock: { now: () => now, monotonic: () => 0, sleep: () => Promise.reject(new Error('a plan does not sleep')) },
    random: seededRandom('seed'),
    signal: new AbortController().signal,
  });
}

const names = (units: Awaited<ReturnType<typeof plan>>['units']) => units.map((unit) => unit.targets.map((target) => target.name));

describe('who is due', () => {
  it('is who is at the limit or beyond, the oldest first; for the others it is said when', async () => {
    const made = await planned([replica(1, 3), replica(2, 8), replica(3, 7), replica(4, 20)]);
    expect(names(made.units)).toEqual([['shop-web-4'], ['shop-web-2'], ['shop-web-3']]);
    expect(made.idle.map(({ target, outcome }) => [target.name, outcome])).toEqual([['shop-web-1', 'not due']]);
    expect(made.notes).toEqual(['shop-web-1 is 3 d old; due at 2026-03-05T00:00:00.000Z']);
  });

  it('is nobody: nothing is asked of the engine', async () => {
    const made = await plan({
      ...({} as Parameters<typeof plan>[0]),
      targets: [replica(1, 3)],
      params: params.parse({ maxUptime: '7d' }),
      clock: { now: () => now, monotonic: () => 0, sleep: () => Promise.resolve() },
    });
    expect(made).toMatchObject({ units: [], idle: [{ outcome: 'not due' }] });
  });

  it('at random is by the seed', async () => {
    const targets = Array.from({ length: 12 }, (_, index) => replica(index + 1, 10 + index));
    const one = await planned(targets, { order: 'random' });
    expect(names((await planned(targets.toReversed(), { order: 'random' })).units)).toEqual(names(one.units));
    expect(names(one.units)).not.toEqual(names((await planned(targets)).units));
  });

  it('by restart is whose processes have run too long', async () => {
    const target = replica(1, 30, { created: new Date(now - 30 * day).toISOString(), started: new Date(now - day).toISOString() });
    expect((await planned([target], { mode: 'restart' })).units).toEqual([]);
    const made = await planned([target], { mode: 'restart', maxUptime: '12h', grace: '1500ms' });
    expect(made.units[0]?.actions).toEqual(['restart shop-web-1 (up 1 d) with 2 s of grace; its layer is kept']);
    expect(made.notes).toContain('mode restart keeps each container’s layer: it ends processes, and proves no repaving');
  });
});

describe('those that live in the namespaces of one that is due', () => {
  const owner = replica(1, 8, { name: 'owner', config: { Labels: {} } });
  const joiner = replica(2, 1, { name: 'joiner', config: { Labels: {} }, host: { NetworkMode: `container:${id(1)}` } });

  it('go with it, though they are young', async () => {
    const made = await planned([joiner, owner, replica(3, 9)]);
    expect(names(made.units)).toEqual([['shop-web-3'], ['owner', 'joiner']]);
  });

  it('may go without it', async () => {
    const old = { ...joiner, createdAt: now - 8 * day };
    expect(names((await planned([old, { ...owner, createdAt: now }])).units)).toEqual([['joiner']]);
  });

  it('stand against it when they are no targets', async () => {
    await expect(planned([owner], {}, [joiner.inspect])).rejects.toMatchObject({
      code: 'cannot_recreate',
      exitCode: 4,
      message: expect.stringMatching(/owner shares .* joiner/),
    });
    await expect(planned([owner], { mode: 'restart' }, [joiner.inspect])).rejects.toMatchObject({ code: 'cannot_restart' });
  });
});

describe('what stands against one refuses all', () => {
  it('and every reason is given', async () => {
    const removing = replica(1, 8, { host: { AutoRemove: true } });
    const lost = replica(2, 8, { image: 'gone:1' });
    const error = await planned([removing, lost, replica(3, 8)]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'RefusedError',
      message: expect.stringMatching(/shop-web-1 removes itself.*; shop-web-2 runs an image that is gone/),
    });
  });

  it('but not one that is not due', async () => {
    expect(names((await planned([replica(1, 1, { host: { AutoRemove: true } }), replica(2, 8)])).units)).toEqual([['shop-web-2']]);
  });
});

it('the only replica of a service will be down, and that is said', async () => {
  expect((await planned([replica(1, 8)])).notes).toEqual(['shop-web-1 will be down while it is replaced: it is the only replica']);
  expect((await planned([replica(1, 8)], {}, [replica(2, 1).inspect])).notes).toEqual([]);
});
