import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Dockerode from 'dockerode';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));
const name = `pitwall-image-test-${process.pid}`;
const tag = `pitwall-image-test:${process.pid}`;
const port = 7600 + (process.pid % 300);
const socket = (process.env.DOCKER_HOST ?? '').replace(/^unix:\/\//, '');
const docker = new Dockerode({ socketPath: socket });

describe('the image of the Dockerfile', () => {
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['demo/images/pitwall.mjs', tag], { cwd: repository });
    // As docker-compose.yml runs it.
    const container = await docker.createContainer({
      name,
      Image: tag,
      Env: [`PITWALL_API_PORT=${port}`],
      Labels: { 'pitwall.test': name },
      HostConfig: {
        NetworkMode: 'host',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        Tmpfs: { '/tmp': '' },
        GroupAdd: [String(statSync(socket).gid)],
        Binds: [`${socket}:/var/run/docker.sock`],
      },
    });
    await container.start();
  }, 300_000);

  afterAll(async () => {
    await docker.getContainer(name).remove({ force: true, v: true });
    await docker.getImage(tag).remove({ force: true });
  });

  test('becomes healthy as another user than root, on a root file system that cannot be written', async () => {
    onTestFailed(async () => {
      console.error(String(await docker.getContainer(name).logs({ stdout: true, stderr: true, tail: 10 })));
    });
    await expect
      .poll(async () => (await docker.getContainer(name).inspect()).State.Health?.Status, { timeout: 120_000, interval: 500 })
      .toBe('healthy');
    expect(await inside(['sh', '-c', 'id -u; touch /home/node/x && echo written'])).toMatch(/^1000\n/);
    expect(await inside(['sh', '-c', 'touch /home/node/x && echo written'])).not.toContain('written\n');
  }, 150_000);

  test('reaches the engine through the group of its socket, and says that it is no target', async () => {
    const targets = await inside(['node', '/app/dist/main.js', 'targets']);
    expect(targets).toMatch(new RegExp(`${name}.*itself`));
  });

  test('ends with 0 soon after SIGTERM', async () => {
    const started = performance.now();
    await docker.getContainer(name).stop({ t: 30 });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect((await docker.getContainer(name).inspect()).State.ExitCode).toBe(0);
  });
});

async function inside(command: string[]): Promise<string> {
  const exec = await docker.getContainer(name).exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ hijack: true, Tty: true });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text.replaceAll('\r', '');
}
