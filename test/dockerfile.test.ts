import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { docker } from './support/containers.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const name = `pitwall-image-test-${process.pid}`;
const tag = `pitwall-image-test:${process.pid}`;
const port = 7600 + (process.pid % 300);
const socket = (process.env.DOCKER_HOST ?? '').replace(/^unix:\/\//, '');

describe('the image of the Dockerfile', () => {
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['demo/images/pitwall.mjs', tag], { cwd: repository });
    // as docker-compose.yml runs it
    const confined = ['--network', 'host', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--tmpfs', '/tmp'];
    const reach = ['--group-add', String(statSync(socket).gid), '--volume', `${socket}:/var/run/docker.sock`];
    const own = ['--name', name, '--label', `pitwall.test=${name}`, '--env', `PITWALL_API_PORT=${port}`];
    await docker('run', '--detach', ...own, ...confined, ...reach, tag);
  }, 300_000);

  afterAll(async () => {
    await docker('rm', '--force', '--volumes', name);
    await docker('rmi', '--force', tag);
  });

  const state = async <T>(format: string) => JSON.parse(await docker('inspect', '--format', `{{json ${format}}}`, name)) as T;
  const inside = (...command: string[]) => docker('exec', name, ...command);

  test('becomes healthy as another user than root, on a root file system that cannot be written', async () => {
    onTestFailed(async () => console.error(await docker('logs', '--tail', '10', name)));
    await expect.poll(() => state('.State.Health.Status'), { timeout: 120_000, interval: 500 }).toBe('healthy');
    expect(await inside('id', '-u')).toBe('1000');
    await expect(inside('touch', '/home/node/x')).rejects.toThrow(/[Rr]ead-only file system/);
  }, 150_000);

  test('reaches the engine through the group of its socket, and says that it is no target', async () => {
    expect(await inside('node', '/app/dist/main.js', 'targets')).toMatch(new RegExp(`${name}.*itself`));
  });

  test('ends with 0 soon after SIGTERM', async () => {
    const started = performance.now();
    await docker('stop', '--time', '30', name);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await state('.State.ExitCode')).toBe(0);
  });
});
