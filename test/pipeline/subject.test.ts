import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSubjects, type SubjectSpec } from '../../src/container/subject/subject.ts';
import { sweep } from '../../src/container/sweep.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { EngineError } from '../../src/domain/errors.ts';
import { connect } from '../helper/lab.ts';
import { busybox, docker, type Fixture, fixture } from '../support/containers.ts';
import { owner } from './lab.ts';

const { options: given, left } = owner();
let box: Fixture;
let engine: Engine;
let said: string[];
const options = { ...given, project: 'p', onLeft: (sentence: string) => said.push(sentence) };

beforeAll(() => {
  box = fixture();
  engine = connect();
});
afterAll(async () => {
  try {
    expect(await left()).toEqual(['', '', '']);
  } finally {
    await box[Symbol.asyncDispose]();
    await sweep(engine, { instance: given.instance, allInstances: false, now: Date.now(), isEnded: () => true });
    await engine.close();
  }
});

const spec: SubjectSpec = {
  name: 'web',
  body: { Image: busybox },
  labels: {},
  modes: { network: null, pid: null, ipc: null },
  networks: [
    { name: 'front', aliases: [] },
    { name: 'back', aliases: [] },
  ],
  binds: [],
  volumes: ['one', 'two'].map((name) => ({ name, target: `/${name}`, readOnly: false })),
};

/** Somebody else's, that holds one of the volumes and one of the networks. */
async function hold(stem: string): Promise<void> {
  await box.run('holder', '-v', `${stem}-one:/one`, '--network', `${stem}-front`, '--', 'sleep', '600');
}

const held = (stem: string) => [
  expect.stringMatching(new RegExp(`^volume ${stem}-one could not be removed: .*in use`)),
  expect.stringMatching(new RegExp(`^network ${stem}-front could not be removed: .*active endpoints`)),
];
const remaining = async () => (await left()).map((ids) => ids.split('\n').filter(Boolean).length);

test('what cannot be removed is said, one by one, and does not keep the rest', async () => {
  said = [];
  const subjects = await makeSubjects(engine, [spec], options);
  const { Name } = await engine.inspect(subjects.targets[0]?.id ?? '');
  const stem = Name.slice(1).replace(/-web$/, '');
  await hold(stem);
  await subjects.remove();
  expect(said).toEqual(held(stem));
  expect(await remaining()).toEqual([0, 1, 1]);
  await docker('rm', '-f', box.name('holder'));
  said = [];
  await subjects.remove();
  expect([said, await left()]).toEqual([[], ['', '', '']]);
});

test('when one cannot be made, what the others leave is said too', async () => {
  said = [];
  let stem = '';
  const hands: Engine = {
    ...engine,
    async create(name, body) {
      stem = name.replace(/-web$/, '');
      await hold(stem);
      return engine.create(name, body);
    },
  };
  const body = { ...spec.body, HostConfig: { CapAdd: ['NO_SUCH'] } };
  const wrong = makeSubjects(hands, [{ ...spec, body }], options);
  await expect(wrong).rejects.toMatchObject({ code: 'subject', exitCode: 1, message: expect.stringMatching(/container of web .*NO_SUCH/) });
  expect(said).toEqual(held(stem));
  await docker('rm', '-f', box.name('holder'));
  await engine.removeVolume(`${stem}-one`);
  await engine.removeNetwork(`${stem}-front`);
});

test('networks and volumes that the engine does not make: nothing is known of the targets, and the engine is not lost', async () => {
  said = [];
  const unknown = (message: RegExp) => ({ code: 'subject', exitCode: 3, message: expect.stringMatching(message) });
  // as an engine answers whose address pools are used up, which would stop others here
  const full: Engine = {
    ...engine,
    createNetwork: () => Promise.reject(new EngineError('engine_failed', 'all predefined address pools have been fully subnetted')),
  };
  await expect(makeSubjects(full, [spec], options)).rejects.toMatchObject(unknown(/would not make the network front .*fully subnetted/));
  const volumes = [{ name: 'no volume', target: '/x', readOnly: false }];
  await expect(makeSubjects(engine, [{ ...spec, volumes }], options)).rejects.toMatchObject(
    unknown(/would not make the volume no volume /),
  );
  expect([said, await left()]).toEqual([[], ['', '', '']]);
});

test('an engine that is lost is asked once', async () => {
  said = [];
  const subjects = await makeSubjects(
    {
      ...engine,
      remove: () => Promise.reject(new EngineError('engine_unreachable', 'nobody answers')),
    },
    [spec],
    options,
  );
  await subjects.remove();
  expect(said).toHaveLength(5);
  expect(said[0]).toMatch(/^container pitwall-subject-\w+-web could not be removed: nobody answers$/);
  expect(said[1]).toMatch(/^volume pitwall-subject-\w+-one may be left: the engine is lost$/);
  expect(await remaining()).toEqual([1, 2, 2]);
  await sweep(engine, { instance: given.instance, allInstances: false, now: Date.now(), isEnded: () => true });
});
