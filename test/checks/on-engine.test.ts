import { connect as connectSocket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheck } from '../../src/checks/check.ts';
import type { CheckSpec, Expectation } from '../../src/domain/drill.ts';
import { type Lab, openLab } from '../helper/lab.ts';
import { checkScope, never } from './scope.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('checks');
});
afterAll(() => lab.close());

const base = { name: 'c', everyMs: 250, timeoutMs: 30_000, minAvailability: null };

const replica = (service: string, given = {}) =>
  lab.run(`${service}-${Math.random().toString(36).slice(2, 8)}`, {
    Labels: { 'com.docker.compose.project': lab.mark, 'com.docker.compose.service': service },
    ...given,
  });

function ask(spec: CheckSpec) {
  return openCheck(spec, checkScope({ engine: lab.engine, project: lab.mark })).ask(never);
}

function exec(service: string, script: string, expected: Partial<Expectation> = {}) {
  const expect = { exitCode: 0, min: null, max: null, equals: null, contains: null, ...expected };
  return ask({ ...base, type: 'exec', argv: ['sh', '-c', script], in: { service }, expect });
}

describe('exec', () => {
  test('asks every running replica, and only those of the service in the project', async () => {
    const first = await replica('queue');
    const second = await replica('queue');
    await replica('elsewhere');
    expect(await exec('queue', 'echo 17', { max: 100 })).toMatchObject({ ok: true, error: null });
    await lab.shell(second, 'touch /tmp/broken');
    const { ok, error } = await exec('queue', '! test -e /tmp/broken');
    expect(ok).toBe(false);
    expect(error).toMatch(/^checks-.*: exit code 1, expected 0$/);
    await lab.engine.kill(second, 'KILL');
    await lab.engine.wait(second);
    expect(await exec('queue', '! test -e /tmp/broken')).toMatchObject({ ok: true });
    await lab.engine.pause(first);
    expect((await exec('queue', 'true')).error).toMatch(/could not be asked \(conflict\)$/);
    await lab.engine.unpause(first);
    await lab.engine.remove(first, { force: true });
    expect(await exec('queue', 'true')).toMatchObject({ ok: false, error: 'no replica of queue is running' });
    expect((await exec('elsewhere', 'exec /no/such/program')).error).toMatch(/exit code 127, expected 0$/);
  });

  test('a command that outlives its time-out is a failure in time', async () => {
    await replica('slow');
    const result = await ask({
      ...base,
      timeoutMs: 300,
      type: 'exec',
      argv: ['sleep', '60'],
      in: { service: 'slow' },
      expect: { exitCode: 0, min: null, max: null, equals: null, contains: null },
    });
    expect(result).toMatchObject({ ok: false, error: 'no answer within 300 ms' });
    expect(result.latencyMs).toBeLessThan(30_000);
  });
});

describe('health', () => {
  test('follows the health check, and counts a replica without one as healthy', async () => {
    const health = () => ask({ ...base, type: 'health', service: 'web' });
    expect(await health()).toMatchObject({ ok: false, error: 'no replica of web is running' });
    await replica('web');
    expect(await health()).toMatchObject({ ok: true });
    const checked = await replica('web', {
      Healthcheck: { Test: ['CMD', 'test', '-e', '/tmp/well'], Interval: 200_000_000, Timeout: 1e9, Retries: 1, StartPeriod: 60e9 },
    });
    expect((await health()).error).toMatch(/ is starting$/);
    await lab.shell(checked, 'touch /tmp/well');
    await expect.poll(health).toMatchObject({ ok: true });
    await lab.shell(checked, 'rm /tmp/well');
    await expect.poll(async () => (await health()).error).toMatch(/ is unhealthy$/);
    await lab.engine.remove(checked, { force: true });
    expect(await health()).toMatchObject({ ok: true });
  });
});

describe('a published port', () => {
  test('of a container in which nothing listens is accepted by Docker, and fails all the same', async () => {
    const id = await lab.run('published', {
      ExposedPorts: { '6000/tcp': {} },
      HostConfig: { PortBindings: { '6000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
    });
    const { NetworkSettings } = await lab.engine.inspect(id);
    const ports = NetworkSettings.Ports as Record<string, { HostPort: string }[]>;
    const port = Number(ports['6000/tcp']?.[0]?.HostPort);
    const tcp = () => ask({ ...base, type: 'tcp', address: `127.0.0.1:${port}`, from: null });
    const http = () => ask({ ...base, type: 'http', url: `http://127.0.0.1:${port}/`, status: 200, from: null });
    const accepted = await new Promise((resolve) => {
      const socket = connectSocket(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('close', () => resolve(false));
    });
    // Without Docker's userland proxy it is refused, which is the simple case.
    if (accepted === true) expect((await tcp()).error).toMatch(/^connection (closed at once|reset)$/);
    expect((await tcp()).ok).toBe(false);
    expect((await http()).ok).toBe(false);
    await lab.shell(id, 'mkdir /tmp/www; echo hello >/tmp/www/index.html; httpd -p 6000 -h /tmp/www');
    await expect.poll(tcp).toMatchObject({ ok: true });
    expect(await http()).toMatchObject({ ok: true, error: null });
    await lab.engine.remove(id, { force: true });
    expect(await tcp()).toMatchObject({ ok: false, error: 'connection refused' });
  });
});
