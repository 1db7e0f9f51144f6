import { afterAll, describe, expect, test } from 'vitest';
import { bench, idle, image, until } from '../testkit.ts';

const { engine, label, name, run, sweep } = bench();
afterAll(sweep);

describe('a container', () => {
  test('is made, listed, inspected, renamed, stopped and removed', async () => {
    const { id, warnings } = await engine.create(name('life'), {
      Image: image,
      Cmd: idle,
      Labels: labels(),
      HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    });
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(warnings).toEqual([]);
    expect(await engine.list({ labels: [label] })).toEqual([]);
    const before = Date.now();
    await engine.start(id);
    await engine.start(id);
    const [summary] = await engine.list({ labels: [label] });
    expect(summary).toMatchObject({ id, name: name('life'), image, state: 'running', networks: ['bridge'] });
    expect(Math.abs((summary?.createdAt ?? 0) - before)).toBeLessThan(60_000);
    await engine.setRestartPolicy(id, { Name: 'no' });
    await engine.rename(id, name('renamed'));
    const inspected = await engine.inspect(name('renamed'));
    expect(inspected).toMatchObject({
      Id: id,
      Name: `/${name('renamed')}`,
      State: { Running: true },
      HostConfig: { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
    });
    const waited = engine.wait(id);
    await engine.stop(id);
    await engine.stop(id);
    expect(await waited).toBe(0);
    await engine.remove(id);
    await engine.remove(id);
    await expect(engine.inspect(id)).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });

  test('restarts with its own stop signal, and is killed', async () => {
    const id = await run('restart');
    const { State: first } = await engine.inspect(id);
    await engine.restart(id);
    const { State: second } = await engine.inspect(id);
    expect(second.StartedAt).not.toBe(first.StartedAt);
    await engine.kill(id, 'SIGKILL');
    expect(await engine.wait(id)).toBe(137);
    await expect(engine.kill(id, 'SIGKILL')).rejects.toMatchObject({ code: 'conflict' });
    await engine.restart(id, { graceSeconds: 1 });
    expect((await engine.inspect(id)).State.Running).toBe(true);
  });

  test('that ignores SIGTERM is stopped within the grace that was given', async () => {
    const id = await run('stubborn', { Cmd: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'], StopTimeout: 40 });
    await until(async () => (await engine.exec(id, ['true'])).exitCode === 0, 'it runs');
    const began = performance.now();
    await engine.stop(id, { graceSeconds: 1 });
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(await engine.wait(id)).toBe(137);
  });

  test('that does not end in time is slow, and the engine not lost', async () => {
    const id = await run('slow');
    await expect(engine.wait(id, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'engine_failed', lost: false });
    await expect(engine.stop(id, { graceSeconds: 0, timeoutMs: 60_000 })).resolves.toBeUndefined();
  });

  test('pauses and goes on', async () => {
    const id = await run('pause');
    await engine.pause(id);
    expect((await engine.inspect(id)).State.Paused).toBe(true);
    await expect(engine.pause(id)).rejects.toMatchObject({ code: 'conflict' });
    await engine.unpause(id);
    expect((await engine.inspect(id)).State.Paused).toBe(false);
  });

  test('tells its changed files and what lies at a path', async () => {
    const id = await run('files');
    await engine.exec(id, ['sh', '-c', 'echo planted > /planted; chmod 4755 /planted; ln -s planted /link; rm /etc/passwd']);
    const changes = await engine.changes(id);
    expect(changes).toContainEqual({ path: '/planted', kind: 'added' });
    expect(changes).toContainEqual({ path: '/etc', kind: 'modified' });
    expect(changes).toContainEqual({ path: '/etc/passwd', kind: 'deleted' });
    expect(await engine.statPath(id, '/planted')).toMatchObject({
      name: 'planted',
      size: 8,
      mode: 0o4755,
      isDirectory: false,
      isLink: false,
      isSocket: false,
    });
    expect(await engine.statPath(id, '/link')).toMatchObject({ isLink: true });
    expect(await engine.statPath(id, '/etc')).toMatchObject({ isDirectory: true });
    expect(await engine.statPath(id, '/nowhere')).toBeNull();
    await expect(engine.statPath(name('nobody'), '/etc')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('being removed by somebody else is waited for, and is success', async () => {
    const ids = await Promise.all([1, 2, 3].map((index) => run(`gone-${index}`, { HostConfig: { AutoRemove: true } })));
    await Promise.all(
      ids.flatMap((id) => [engine.remove(id, { force: true }), engine.stop(id).catch(() => {}), engine.remove(id, { force: true })]),
    );
    for (const id of ids) await expect(engine.inspect(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('takes its anonymous volumes along only when told to', async () => {
    const make = async (suffix: string) => {
      const id = await run(suffix, { Volumes: { '/data': {} } });
      return { id, volume: (await engine.inspect(id)).Mounts[0]?.Name ?? '' };
    };
    const [kept, taken] = [await make('kept'), await make('taken')];
    await engine.remove(kept.id, { force: true });
    await engine.remove(taken.id, { force: true, anonymousVolumes: true });
    const names = (await engine.volumes()).map((volume) => volume.name);
    expect(names).toContain(kept.volume);
    expect(names).not.toContain(taken.volume);
    await engine.removeVolume(kept.volume);
    await engine.removeVolume(kept.volume);
  });
});

describe('what the engine refuses has its own code', () => {
  test('a name that is taken, an image that is gone, a running container', async () => {
    const id = await run('taken-name');
    await expect(engine.create(name('taken-name'), { Image: image })).rejects.toMatchObject({ code: 'name_taken' });
    await expect(engine.create(name('no-image'), { Image: 'pitwall-fixture/none:1' })).rejects.toMatchObject({ code: 'image_gone' });
    await expect(engine.inspectImage('pitwall-fixture/none:1')).rejects.toMatchObject({ code: 'image_gone' });
    await expect(engine.remove(id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(engine.create(name('odd'), { Image: image, HostConfig: { RestartPolicy: { Name: 'sometimes' } } })).rejects.toMatchObject({
      code: 'engine_refused',
    });
  });

  test('a port that another container has, and one that a process has', async () => {
    const bind = (port: string) => ({
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: port }] } },
    });
    const first = await run('port-1', bind(''));
    const ports = (await engine.inspect(first)).NetworkSettings.Ports as Record<string, { HostPort: string }[]>;
    const port = ports['80/tcp']?.[0]?.HostPort ?? '';
    await expect(run('port-2', bind(port))).rejects.toMatchObject({ code: 'port_taken' });
    // In the engine's own network, which need not be that of this test.
    const held = String(20_000 + Math.floor(Math.random() * 10_000));
    const holder = await run('port-holder', { Cmd: ['nc', '-ll', '-p', held, '-e', 'true'], HostConfig: { NetworkMode: 'host' } });
    await until(async () => (await engine.exec(holder, ['nc', '127.0.0.1', held])).exitCode === 0, 'it listens');
    await expect(run('port-3', bind(held))).rejects.toMatchObject({ code: 'port_taken' });
  });
});

function labels(): Record<string, string> {
  const [key = '', value = ''] = label.split('=');
  return { [key]: value };
}
