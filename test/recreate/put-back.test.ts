import { afterAll, describe, expect, it } from 'vitest';
import { recreateSteps } from '../../src/container/recreate/change.ts';
import { recreateHandler } from '../../src/container/recreate/handler.ts';
import type { RecreateIo } from '../../src/container/recreate/io.ts';
import { recreate } from '../../src/container/recreate/recreate.ts';
import type { CreateBody } from '../../src/domain/engine/containers.ts';
import { EngineError } from '../../src/domain/errors.ts';
import type { ChangeRecord, Reconciled } from '../../src/domain/journal.ts';
import type { Target } from '../../src/domain/target.ts';
import { clock, Lab } from './support/lab.ts';
import { type MemoryJournal, memoryJournal } from './support/memory-journal.ts';

const lab = new Lab();
afterAll(() => lab.sweep());

const options = { runId: 'run-1', image: 'pinned', graceSeconds: null } as const;

function attempt(target: Target, journal: MemoryJournal, io: Partial<RecreateIo> = {}) {
  return recreate([target], options, {
    engine: lab.engine,
    clock,
    journal,
    signal: new AbortController().signal,
    all: () => lab.all(),
    steadyStateHolds: () => Promise.resolve(true),
    ...io,
  });
}

function reconcile(change: ChangeRecord | undefined): Promise<Reconciled> {
  return recreateHandler.reconcile(change as ChangeRecord, { engine: lab.engine, clock, signal: AbortSignal.timeout(60_000) });
}

/** The very container that was there, running under its name with its policy, and nothing beside it. */
async function isAsBefore(target: Target): Promise<void> {
  const now = await lab.engine.inspect(target.name);
  expect(now.Id).toBe(target.id);
  expect(now.State.Running).toBe(true);
  expect(now.HostConfig.RestartPolicy).toEqual(target.inspect.HostConfig.RestartPolicy);
  await nothingBeside(target);
}

async function nothingBeside(target: Target): Promise<void> {
  const names = (await lab.containers()).map((one) => one.Name.slice(1));
  expect(names.filter((name) => name.startsWith(`${target.name}.`))).toEqual([]);
}

function always(body: Partial<CreateBody> = {}): Partial<CreateBody> {
  return { ...body, StopTimeout: 1, HostConfig: { RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 }, ...body.HostConfig } };
}

describe.concurrent('a replacement that does not do', () => {
  it('is unhealthy: the old one runs again, as healthy as before', async ({ expect }) => {
    const Healthcheck = { Test: ['CMD', 'test', '-e', '/only-in-the-old-layer'], Interval: 150_000_000, Retries: 2 };
    const { id, name } = await lab.run('unhealthy', always({ Healthcheck }));
    await lab.shell(id, 'touch /only-in-the-old-layer');
    while ((await lab.engine.inspect(id)).State.Health?.Status !== 'healthy') await clock.sleep(50);
    const target = await lab.target(name);
    const journal = memoryJournal();
    const settled: Reconciled[] = [];
    await expect(attempt(target, journal, { onSettled: (one) => settled.push(one) })).rejects.toMatchObject({
      code: 'replacement_unhealthy',
      exitCode: 1,
      message: expect.stringMatching(/the new container is unhealthy; put back/),
    });
    await isAsBefore(target);
    expect((await lab.engine.inspect(id)).State.Health?.Status).toBe('healthy');
    expect(settled).toMatchObject([{ state: 'undone' }]);
    expect(journal.records).toMatchObject([{ state: 'undone', step: 'start' }]);
    expect(journal.steps).not.toContain('remove-old');
  });

  it('ends at once', async ({ expect }) => {
    // the volume is shared with the replacement, the layer is not: it finds what makes it end
    const target = await lab.run(
      'ends',
      always({
        Cmd: [
          'sh',
          '-c',
          "[ -e /data/seen ] && [ ! -e /mine ] && exit 3; touch /data/seen /mine; trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done",
        ],
        Volumes: { '/data': {} },
        HostConfig: { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
      }),
    );
    while ((await lab.shell(target.id, 'ls /mine')) !== '/mine') await clock.sleep(50);
    await expect(attempt(target, memoryJournal())).rejects.toThrow(/the new container ended with exit code 3; put back/);
    await isAsBefore(target);
  });

  it('does not satisfy the steady state, which is asked for no longer than it takes', async ({ expect }) => {
    const target = await lab.run('unsteady', always());
    let asked = 0;
    const stop = new AbortController();
    const steadyStateHolds = () => {
      if (++asked === 3) stop.abort(new Error('halt'));
      return Promise.resolve(false);
    };
    await expect(attempt(target, memoryJournal(), { steadyStateHolds, signal: stop.signal })).rejects.toThrow('halt');
    await isAsBefore(target);
  });
});

describe.concurrent('an abort', () => {
  for (const step of recreateSteps.filter((name) => name !== 'connect' && name !== 'remove-old')) {
    it(`right after ${step}: all is as before`, async ({ expect }) => {
      const target = await lab.run(`abort-${step}`, always());
      const stop = new AbortController();
      const journal = memoryJournal((name) => name === step && stop.abort(new Error('stopped by a signal')));
      await expect(attempt(target, journal, { signal: stop.signal })).rejects.toThrow('stopped by a signal');
      await isAsBefore(target);
      expect(journal.records).toMatchObject([{ state: 'undone' }]);
    });
  }

  it('after the new one is healthy finishes what is left', async ({ expect }) => {
    const target = await lab.run('abort-late', always());
    const stop = new AbortController();
    const journal = memoryJournal((name) => name === 'remove-old' && stop.abort(new Error('too late')));
    const [made] = await attempt(target, journal, { signal: stop.signal });
    expect((await lab.engine.inspect(target.name)).Id).toBe(made?.newId);
    await nothingBeside(target);
  });
});

describe.concurrent('what others do meanwhile', () => {
  it('the port is taken by somebody: it is said, and put right when the port is free', async ({ expect }) => {
    const ports = {
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '18180' }] } },
    };
    const target = await lab.run('port', always(ports));
    const journal = memoryJournal();
    const engine = {
      ...lab.engine,
      start: async (id: string) => {
        if (id !== target.id) squatter ??= await lab.run('port-squatter', ports);
        await lab.engine.start(id);
      },
    };
    let squatter: Target | null = null as Target | null;
    await expect(attempt(target, journal, { engine })).rejects.toMatchObject({
      code: 'recreate_failed',
      message: expect.stringMatching(/could not be put back .*; free the port, when the cause is gone run: pitwall recover/),
    });
    expect(journal.records).toMatchObject([{ state: 'residue' }]);
    const down = await lab.engine.inspect(target.name);
    expect([down.Id, down.State.Running]).toEqual([target.id, false]);
    await nothingBeside(target);
    expect((await reconcile(journal.records[0])).state).toBe('residue');
    await lab.engine.remove(squatter?.id ?? '', { force: true });
    expect((await reconcile(journal.records[0])).state).toBe('undone');
    await isAsBefore(target);
  });

  it('the target was removed before the run came to it', async ({ expect }) => {
    const target = await lab.run('gone-early');
    await lab.engine.remove(target.id, { force: true });
    const journal = memoryJournal();
    await expect(attempt(target, journal)).rejects.toMatchObject({ code: 'target_gone' });
    expect(journal.records).toEqual([]);
    await nothingBeside(target);
  });

  it('the target is removed before it was stopped: nothing of ours stays', async ({ expect }) => {
    const target = await lab.run('gone-hold', always());
    const journal = memoryJournal();
    const engine = { ...lab.engine, setRestartPolicy: async (id: string) => lab.engine.remove(id, { force: true }) };
    await expect(attempt(target, journal, { engine })).rejects.toMatchObject({
      code: 'target_gone',
      message: expect.stringContaining('nothing to put back'),
    });
    await expect(lab.engine.inspect(target.name)).rejects.toMatchObject({ code: 'not_found' });
    await nothingBeside(target);
  });

  it('the old one is removed after it was stopped: the new one takes its place', async ({ expect }) => {
    const target = await lab.run('gone-park', always());
    const journal = memoryJournal();
    const engine = {
      ...lab.engine,
      rename: async (id: string, name: string) =>
        (id === target.id && name !== target.name ? lab.engine.remove(id) : undefined) ?? lab.engine.rename(id, name),
    };
    const [made] = await attempt(target, journal, { engine });
    const now = await lab.engine.inspect(target.name);
    expect([now.Id, now.State.Running, now.HostConfig.RestartPolicy.Name]).toEqual([made?.newId, true, 'unless-stopped']);
    expect(journal.records).toMatchObject([{ state: 'done' }]);
    await nothingBeside(target);
  });

  it('somebody starts the old one again while the new one starts: only one is left running', async ({ expect }) => {
    const target = await lab.run('both', always({ Healthcheck: { Test: ['CMD', 'false'], Interval: 200_000_000, Retries: 2 } }));
    const engine = {
      ...lab.engine,
      start: async (id: string) => {
        await lab.engine.start(id);
        if (id !== target.id) await lab.engine.start(target.id);
      },
    };
    await expect(attempt(target, memoryJournal(), { engine })).rejects.toMatchObject({ code: 'replacement_unhealthy' });
    await isAsBefore(target);
  });

  it('somebody else takes the name: it is said, and both are kept until one is gone', async ({ expect }) => {
    const target = await lab.run('name', always());
    const journal = memoryJournal();
    let squatter = '';
    const engine = {
      ...lab.engine,
      rename: async (id: string, name: string) => {
        await lab.engine.rename(id, name);
        if (id === target.id && squatter === '')
          squatter = (await lab.engine.create(target.name, { Image: target.image, Labels: lab.labels })).id;
      },
    };
    await expect(attempt(target, journal, { engine })).rejects.toThrow(/another container \([0-9a-f]{12}\) has taken the name/);
    expect(journal.records).toMatchObject([{ state: 'residue' }]);
    await lab.engine.remove(squatter);
    expect((await reconcile(journal.records[0])).state).toBe('undone');
    await isAsBefore(target);
  });

  it('somebody pauses it: whoever holds it keeps it', async ({ expect }) => {
    const target = await lab.run('paused', always());
    const journal = memoryJournal();
    const engine = {
      ...lab.engine,
      setRestartPolicy: async (...args: Parameters<typeof lab.engine.setRestartPolicy>) => {
        await lab.engine.setRestartPolicy(...args);
        if (args[1].Name === 'no') await lab.engine.pause(target.id);
      },
    };
    await expect(attempt(target, journal, { engine })).rejects.toMatchObject({
      code: 'target_unfit',
      message: expect.stringContaining('is paused'),
    });
    expect((await lab.engine.inspect(target.id)).State.Paused).toBe(true);
    await isAsBefore(target);
  });
});

describe.concurrent('what stands against it', () => {
  it('an image that is gone', async ({ expect }) => {
    const target = await lab.run('image-gone');
    const engine = { ...lab.engine, inspectImage: () => lab.engine.inspectImage('pitwall-fixture/there-is-no-such:1') };
    await expect(attempt(target, memoryJournal(), { engine })).rejects.toMatchObject({ code: 'image_gone' });
    await isAsBefore(target);
  });

  it('a joiner that is not in the run', async ({ expect }) => {
    const target = await lab.run('owner');
    await lab.run('joiner', { HostConfig: { NetworkMode: `container:${target.name}` } });
    await expect(attempt(target, memoryJournal())).rejects.toThrow(/shares its namespaces or volumes with .*-joiner/);
    await isAsBefore(target);
  });

  it('--rm', async ({ expect }) => {
    const target = await lab.run('autoremove', { HostConfig: { AutoRemove: true } });
    await expect(attempt(target, memoryJournal())).rejects.toThrow(/removes itself/);
    await isAsBefore(target);
  });
});

describe.concurrent('after the point of no return', () => {
  it('an old one that cannot be removed is left behind and said, and the new one runs on', async ({ expect }) => {
    const target = await lab.run('unremovable', always());
    const journal = memoryJournal();
    const refused = new EngineError('engine_failed', 'device or resource busy');
    const engine = { ...lab.engine, remove: (id: string) => (id === target.id ? Promise.reject(refused) : lab.engine.remove(id)) };
    await expect(attempt(target, journal, { engine })).rejects.toThrow(/the new container runs, but the old one .* could not be removed/);
    const now = await lab.engine.inspect(target.name);
    expect([now.Id === target.id, now.State.Running]).toEqual([false, true]);
    expect(journal.records).toMatchObject([{ state: 'residue', step: 'remove-old' }]);
    expect((await reconcile(journal.records[0])).state).toBe('done');
    await nothingBeside(target);
    expect((await lab.engine.inspect(target.name)).Id).toBe(now.Id);
  });

  it('a new one that is gone as well is not missed as long as the old one is there', async ({ expect }) => {
    const target = await lab.run('new-gone', always());
    const journal = memoryJournal();
    const engine = {
      ...lab.engine,
      remove: async (id: string) => {
        if (id !== target.id) return lab.engine.remove(id, { force: true });
        await lab.engine.remove(target.name, { force: true });
        throw new EngineError('engine_failed', 'somebody is in a hurry');
      },
    };
    await expect(attempt(target, journal, { engine })).rejects.toThrow(/put back/);
    await isAsBefore(target);
  });
});
