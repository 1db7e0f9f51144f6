import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { badSocket, clock, type FakeServer, fakeEngine } from '../testkit.ts';
import { discoverEngine, usualSockets } from './discover.ts';

let home: string;
let engine: FakeServer;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'pitwall-home-'));
  engine = await fakeEngine(() => false);
});
afterEach(async () => {
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

const discover = (env: NodeJS.ProcessEnv) => discoverEngine({ env, home, uid: 1000, clock, sockets: inHome(env) });

/** Not those outside of it: this machine may have an engine. */
const inHome = (env: NodeJS.ProcessEnv) => usualSockets({ env, home, uid: 1000 }).filter((path) => path.startsWith(home));

async function file(path: string, content: unknown): Promise<string> {
  const full = join(home, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, typeof content === 'string' ? content : JSON.stringify(content));
  return full;
}

async function context(name: string, host: string): Promise<string> {
  const digest = createHash('sha256').update(name).digest('hex');
  await file(`.docker/contexts/meta/${digest}/meta.json`, { Name: name, Endpoints: { docker: { Host: host } } });
  return digest;
}

describe('DOCKER_HOST', () => {
  test('is used', async () => {
    expect(await discover({ DOCKER_HOST: engine.host })).toEqual({ host: engine.host, source: 'DOCKER_HOST' });
  });

  test('that does not answer is an error that names it, though another engine is there', async () => {
    await mkdir(join(home, '.docker/run'), { recursive: true });
    await symlink(engine.path, join(home, '.docker/run/docker.sock'));
    await expect(discover({ DOCKER_HOST: 'unix:///nowhere.sock' })).rejects.toMatchObject({
      code: 'engine_unreachable',
      message:
        'DOCKER_HOST is set to unix:///nowhere.sock, but it cannot be used: engine local (unix:///nowhere.sock): cannot reach it: there is no such socket',
    });
  });

  test('over plain TCP to another machine is refused', async () => {
    await expect(discover({ DOCKER_HOST: 'tcp://192.0.2.1:2375' })).rejects.toMatchObject({ code: 'engine_refused' });
  });

  test('with DOCKER_TLS_VERIFY takes the files of DOCKER_CERT_PATH', async () => {
    await file('certs/ca.pem', 'not a certificate');
    const error = await discover({ DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(home, 'certs') }).catch(
      (cause) => cause,
    );
    expect(error.context).toMatchObject({ source: 'DOCKER_HOST', tls: { ca: join(home, 'certs/ca.pem') } });
  });
});

describe('the Docker context', () => {
  test('current in config.json, with its TLS files', async () => {
    const digest = await context('staging', engine.host);
    const ca = await file(`.docker/contexts/tls/${digest}/docker/ca.pem`, 'x');
    await file('.docker/config.json', { currentContext: 'staging' });
    expect(await discover({})).toEqual({ host: engine.host, source: 'context staging', tls: { ca } });
  });

  test('named by DOCKER_CONTEXT; DOCKER_HOST goes before both', async () => {
    await context('staging', engine.host);
    expect(await discover({ DOCKER_CONTEXT: 'staging' })).toMatchObject({ source: 'context staging' });
    expect(await discover({ DOCKER_CONTEXT: 'staging', DOCKER_HOST: engine.host })).toMatchObject({ source: 'DOCKER_HOST' });
  });

  test('that is missing or does not answer is an error that names it', async () => {
    await expect(discover({ DOCKER_CONTEXT: 'gone' })).rejects.toThrow('the current Docker context "gone" cannot be used');
    await context('down', 'unix:///nowhere.sock');
    await expect(discover({ DOCKER_CONTEXT: 'down' })).rejects.toThrow(
      'context down is set to unix:///nowhere.sock, but it cannot be used',
    );
  });

  test('a config.json that is no JSON is not passed over', async () => {
    await file('.docker/config.json', '{');
    await expect(discover({})).rejects.toThrow('is not JSON');
  });
});

describe('the usual sockets', () => {
  test('in order', () => {
    expect(usualSockets({ env: { XDG_RUNTIME_DIR: '/run/user/1000' }, home: '/home/me', uid: 1000 })).toEqual([
      '/var/run/docker.sock',
      '/run/user/1000/docker.sock',
      '/home/me/.docker/run/docker.sock',
      '/home/me/.docker/desktop/docker.sock',
      '/home/me/.colima/default/docker.sock',
      '/home/me/.config/colima/default/docker.sock',
    ]);
  });

  test('the first that answers: one that is silent is passed over', async () => {
    const silent = await badSocket((socket) => socket.resume());
    await Promise.all([mkdir(join(home, 'run')), mkdir(join(home, '.docker/desktop'), { recursive: true })]);
    await symlink(silent.path, join(home, 'run/docker.sock'));
    await symlink(engine.path, join(home, '.docker/desktop/docker.sock'));
    const began = performance.now();
    const path = join(home, '.docker/desktop/docker.sock');
    expect(await discover({ XDG_RUNTIME_DIR: join(home, 'run') })).toEqual({ host: `unix://${path}`, source: path });
    expect(performance.now() - began).toBeLessThan(14_000);
    await silent.stop();
  });

  test('none: says what was tried and what to install', async () => {
    const error = await discover({}).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'engine_unreachable', exitCode: 6 });
    expect(error.message).toContain(`${home}/.docker/run/docker.sock (there is no such socket)`);
    expect(error.hint).toContain('apt-get install docker.io');
  });
});
