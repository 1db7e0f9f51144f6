import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sample } from '../../src/checks/prober/contract.ts';
import type { Engine } from '../../src/domain/engine.ts';
import type { ChangeData } from '../../src/domain/journal.ts';
import type { Rotation } from '../../src/drills/secret-rotation/system.ts';
import { swarmSecret } from '../../src/drills/secret-rotation/systems/swarm-secret/index.ts';
import type { SwarmRotation } from '../../src/drills/secret-rotation/systems/swarm-secret/rotation.ts';
import { realClock } from '../checks/scope.ts';
import { type Lab, openLab } from '../helper/lab.ts';
import { openSwarm, type SwarmEngine, swarmMissing } from '../support/swarm.ts';
import { engineAt, killedAfter, makeWorld, type World } from './swarm-lab.ts';

const missing = await swarmMissing();
const full = process.env.PITWALL_TEST_FULL === '1';
const home = process.env.DOCKER_HOST;
const build = fileURLToPath(new URL('../../dist', import.meta.url));

describe.skipIf(missing !== null)(`a Swarm secret${missing === null ? '' : `: skipped, ${missing}`}`, () => {
  let swarm: SwarmEngine;
  let lab: Lab;
  let engine: Engine;
  let helper: string;

  beforeAll(async () => {
    swarm = await openSwarm();
    process.env.DOCKER_HOST = swarm.host;
    lab = await openLab('swarm');
    engine = lab.engine;
    helper = (await lab.image({ build })).reference;
  });
  afterAll(async () => {
    await lab?.close();
    await swarm?.[Symbol.asyncDispose]();
    process.env.DOCKER_HOST = home;
  });

  describe.concurrent('is rotated', () => {
    test('in a leak, and then as planned', async () => {
      const world = await makeWorld(swarm, engine, 'a', { helper, replicas: 2 });
      const { token } = world;
      {
        await using scope = await world.scope({ plan: 'leak' });
        const { rotation, data } = await swarmSecret.open(world.params(), scope);
        expect(JSON.stringify(data)).not.toContain(world.value);
        expect(rotation.points.map(({ name }) => name)).toEqual([1, 2].map((n) => `${world.api}:8080 (${world.api}, replica ${n} of 2)`));
        const watched = await watch(world, rotation, scope);
        expect(watched.value).toBe(world.value);
        await rotation.refuse();
        // of who lets anybody in none has it any more, and the others do not have the new one yet
        expect((await stillMounted(rotation)).map(({ service }) => service)).toEqual([world.worker]);
        const fresh = await rotation.issue();
        await rotation.deploy?.(fresh);
        await rotation.verify?.();
        expect(fresh.secret.reveal()).toMatch(/^[\w-]{43}$/);
        const { logins, sessions } = await watched.stop();
        for (const answers of logins) expect(answers.at(-1)).toBe('refused 401');
        for (const answers of sessions) expect(answers.at(-1)).toMatch(/^closed /);
        expect(await rotation.clear()).toEqual([]);
      }
      expect(await world.mounted('aapi')).toEqual([`token=${token}_v2:288`, `token=${token}_v2:288`]);
      expect(await world.mounted('aworker')).toEqual([`token=${token}_v2:288`]);
      expect(await world.versions()).toEqual([`${token}_v2`]);
      const [version] = await engine.secrets({ labels: [`pitwall.secret=${token}`] });
      expect(version?.Spec.Labels).toMatchObject({ team: 'shop' });
      expect(version?.Spec.Labels).not.toHaveProperty('pitwall.run');

      await using scope = await world.scope({ plan: 'planned' });
      const { rotation } = await swarmSecret.open(world.params(), scope);
      const watched = await watch(world, rotation, scope);
      const fresh = await rotation.issue();
      // both are let in
      for (const secret of [watched.old, fresh.secret]) expect(await ask(world, rotation, scope, secret)).toEqual(['accepted', 'accepted']);
      await rotation.deploy?.(fresh);
      for (const secret of [watched.old, fresh.secret]) expect(await ask(world, rotation, scope, secret)).toEqual(['accepted', 'accepted']);
      expect(await world.mounted('aworker')).toEqual([`token=${token}_v3:288`]);
      await rotation.verify?.();
      await rotation.refuse();
      expect(await ask(world, rotation, scope, watched.old)).toEqual(['refused', 'refused']);
      expect(await ask(world, rotation, scope, fresh.secret)).toEqual(['accepted', 'accepted']);
      await watched.stop();
      // somebody begins to use the old version while it is being rotated
      await swarm.service('alate', '--secret', `${token}_v2`, '--', 'sleep', '60');
      const [sentence, ...more] = await rotation.clear();
      expect(sentence).toContain(`the old version ${token}_v2 is still in use by ${swarm.name('alate')}, so Swarm keeps it`);
      expect(more.join()).toMatch(new RegExp(`^(the old version ${token}_v2 is still mounted by ${swarm.name('alate')}\\.1\\.\\w+: .*)?$`));
      await swarm.docker('service', 'rm', swarm.name('alate'));
      expect(await world.versions()).toEqual([`${token}_v2`, `${token}_v3`]);
    });

    test('but not where an update stops half way: who still has the old version is named, and all goes back', async () => {
      const world = await makeWorld(swarm, engine, 'b', { helper, replicas: 2, only: true });
      const before = await world.specs();
      await using scope = await world.scope({ plan: 'planned' });
      const { rotation, data } = await swarmSecret.open(world.params(), scope);
      await rotation.prepare();
      const fresh = await rotation.issue();
      await expect(rotation.deploy?.(fresh)).rejects.toMatchObject({
        code: 'still_mounted',
        message: expect.stringMatching(
          new RegExp(
            `^the old version ${world.token} is still mounted by ${world.api}\\.[12]\\.\\w{25} \\(service ${world.api}: Swarm has paused its update.*\\)$`,
          ),
        ),
      });
      const mounted = await stillMounted(rotation);
      expect(mounted).toContainEqual(expect.objectContaining({ service: world.api, update: 'paused' }));
      // another rotation does not begin on top of it
      await expect(open(world, { plan: 'leak' })).rejects.toMatchObject({ code: 'rotation_under_way' });
      expect(await (await swarmSecret.reopen(world.params(), kept(data), scope)).rollback()).toEqual([]);
      expect(await world.specs()).toEqual(before);
      expect(await world.versions()).toEqual([world.token]);
      expect(await ask(world, rotation, scope, (await rotation.prepare()).secret)).toEqual(['accepted', 'accepted']);
    });

    test.each([
      // made; the checkers written to; all written to; the checkers written to again
      ['planned', full ? [1, 2, 3, 4, 5] : [5]],
      // the checkers written to, their setting put back, the others written to
      ['leak', full ? [1, 2, 3, 4] : [4]],
    ] as const)('killed in plan %s: the services get back what they had', async (plan, places) => {
      const world = await makeWorld(swarm, engine, `k${plan[0]}`, { helper });
      const before = await world.specs();
      for (const place of places) {
        await using killed = await world.scope({ plan, engine: killedAfter(place, engine) });
        const { rotation, data } = await swarmSecret.open(world.params(), killed);
        const steps = plan === 'leak' ? ['refuse', 'issue', 'deploy'] : ['issue', 'deploy', 'refuse'];
        const all = async () => {
          await rotation.prepare();
          for (const step of steps) await (rotation as unknown as Record<string, (given: unknown) => Promise<unknown>>)[step]?.(null);
        };
        await expect(all(), `killed after act ${place}`).rejects.toThrow('killed');
        await using scope = await world.scope({ plan, runId: killed.runId });
        expect(await (await swarmSecret.reopen(world.params(), kept(data), scope)).rollback()).toEqual([]);
        expect(await world.specs(), `after act ${place}`).toEqual(before);
        expect(await world.versions()).toEqual([world.token]);
        expect(await world.mounted(`k${plan[0]}api`)).toEqual([`token=${world.token}:288`]);
        expect(await world.mounted(`k${plan[0]}worker`)).toEqual([`token=${world.token}:288`]);
      }
    });
  });

  describe('is not touched', () => {
    let world: World;
    beforeAll(async () => {
      world = await makeWorld(swarm, engine, 'c', { helper });
    });

    test('where the drill asks for what cannot be', async () => {
      await expect(open(world, { credential: 'canary' })).rejects.toMatchObject({
        code: 'no_canary',
        hint: expect.stringContaining('credential: real'),
      });
      await expect(open(world, { plan: 'planned' }, { alsoReads: undefined })).rejects.toMatchObject({ code: 'one_file' });
      await expect(open(world, {}, { secret: 'no-such-secret' })).rejects.toMatchObject({
        code: 'no_secret',
        message: 'there is no Swarm secret no-such-secret',
      });
      await expect(open(world, {}, { from: world.worker })).rejects.toMatchObject({ code: 'from_replaced' });
      await expect(open(world, {}, { points: [{ ...point(world), service: world.from }] })).rejects.toMatchObject({
        code: 'not_told',
        message: expect.stringContaining(`service ${world.from} checks the secret but does not have ${world.token}`),
      });
    });

    test('where somebody who is no target uses it', async () => {
      const scope = await world.scope();
      const strangers = { ...scope, service: async (name: string) => (name === world.worker ? [] : scope.service(name)) };
      await expect(swarmSecret.open(world.params(), strangers)).rejects.toMatchObject({
        code: 'not_targeted',
        message: expect.stringContaining(`${world.token} is in use by ${world.worker}, of which no running task`),
      });
    });

    test('where it is more than a token, or is in use in two versions', async () => {
      await expect(open(world, {}, {}, 'two words')).rejects.toMatchObject({ code: 'not_a_token' });
      await swarm.secret('ctoken_v2', 'other', '--label', `pitwall.secret=${world.token}`);
      await swarm.service('cother', '--secret', `${world.token}_v2`, '--', 'sleep', '60');
      await expect(open(world)).rejects.toMatchObject({
        code: 'two_versions',
        message: expect.stringContaining(`${world.token}_v2 by ${swarm.name('cother')}`),
      });
    });

    test('where the engine is no manager', async ({ skip }) => {
      await using elsewhere = engineAt(home ?? '');
      if ((await elsewhere.engine.info()).swarm === 'active') skip('the engine of these tests is in a Swarm');
      await expect(open(world, { engine: elsewhere.engine })).rejects.toMatchObject({ code: 'not_a_manager' });
    });

    test('at all', async () => {
      expect(await world.mounted('capi')).toEqual([`token=${world.token}:288`]);
      expect((await world.inspect('capi')).UpdateStatus).toBeUndefined();
      expect((await world.inspect('cworker')).UpdateStatus).toBeUndefined();
    });
  });
});

async function open(world: World, over: Parameters<World['scope']>[0] = {}, params: Parameters<World['params']>[0] = {}, value?: string) {
  const { Secret } = await import('../../src/domain/secret.ts');
  await using scope = await world.scope({ ...over, ...(value === undefined ? {} : { secret: () => new Secret(value) }) });
  return swarmSecret.open(world.params({ ...params, ...(value === undefined ? {} : { current: { env: 'TOKEN' } }) }), scope);
}

function point(world: World) {
  const [first] = world.params().points;
  if (first === undefined) throw new Error('no point');
  return first;
}

function stillMounted(rotation: Rotation): Promise<readonly { readonly service: string; readonly update: string | null }[]> {
  return (rotation as SwarmRotation).stillMounted();
}

/** As it comes out of the journal. */
function kept(data: ChangeData): ChangeData {
  return JSON.parse(JSON.stringify(data)) as ChangeData;
}

type Scope = Awaited<ReturnType<World['scope']>>;

async function proberOf(world: World, scope: Scope) {
  const [place] = await scope.service(world.from);
  if (place === undefined) throw new Error('nowhere to ask from');
  return scope.prober(place);
}

/** What each point says to it, once it says anything: what has just been started may not listen yet. */
async function ask(
  world: World,
  rotation: Rotation,
  scope: Scope,
  secret: Awaited<ReturnType<Rotation['prepare']>>['secret'],
): Promise<string[]> {
  const prober = await proberOf(world, scope);
  const answers = rotation.points.map(async (one) => {
    for (let tries = 1; ; tries += 1) {
      const { answer } = await prober.once({ door: one.door(null), secret, mode: 'login', timeoutMs: 2_000 });
      if (answer !== 'unknown' || tries === 50) return answer;
      await realClock.sleep(100);
    }
  });
  return Promise.all(answers);
}

/** Attackers with the old one: a login every 100 ms at each point, and a session at each. */
async function watch(world: World, rotation: Rotation, scope: Scope) {
  const { secret } = await rotation.prepare();
  const prober = await proberOf(world, scope);
  const start = (mode: 'login' | 'session') =>
    rotation.points.map((one) => prober.start({ door: one.door(null), secret, mode, everyMs: 100, timeoutMs: 1_000 }));
  const [logins, sessions] = [start('login'), start('session')];
  const said = (samples: readonly Sample[]) =>
    samples.filter(({ answer }) => answer !== 'unknown').map(({ answer, code }) => `${answer} ${code ?? ''}`.trim());
  return {
    value: secret.reveal(),
    old: secret,
    async stop() {
      await Promise.all([...logins, ...sessions].map((one) => one.stop()));
      return { logins: logins.map((one) => said(one.samples())), sessions: sessions.map((one) => said(one.samples())) };
    },
  };
}
