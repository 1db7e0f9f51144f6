import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../lib/run.mjs';
import { ping } from './api.mjs';

/**
 * The first engine that answers, in the order in which Docker's own client would look, and then where engines usually listen.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{ host: string, from: string } | undefined>}
 */
export async function findEngine(env = process.env) {
  const seen = new Set();
  for (const { host, from } of candidates(env)) {
    if (seen.has(host)) continue;
    seen.add(host);
    if (await answers(host)) return { host, from };
  }
  return undefined;
}

function* candidates(env) {
  if (env.DOCKER_HOST) yield { host: env.DOCKER_HOST, from: 'DOCKER_HOST' };
  const context = contextHost(env);
  if (context) yield { host: context, from: 'the current Docker context' };
  const home = homedir();
  const runtime = env.XDG_RUNTIME_DIR ?? (process.getuid ? `/run/user/${process.getuid()}` : undefined);
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.config/colima/default/docker.sock'),
    join(home, '.rd/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    ...(runtime ? [join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
  ];
  for (const path of sockets) if (existsSync(path)) yield { host: `unix://${path}`, from: path };
}

/** What `docker context use` wrote: a name in config.json, and for it a file in a folder named by the SHA-256 of that name. */
function contextHost(env) {
  const folder = env.DOCKER_CONFIG ?? join(homedir(), '.docker');
  const name = env.DOCKER_CONTEXT ?? readJson(join(folder, 'config.json'))?.currentContext;
  if (!name || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  return readJson(join(folder, 'contexts/meta', id, 'meta.json'))?.Endpoints?.docker?.Host;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function answers(host) {
  if (/^(unix|tcp|http):/.test(host) && !process.env.DOCKER_TLS_VERIFY) return ping(host);
  // SSH and TLS are the client's business; without a client such an engine cannot be used by the demo either.
  const env = { ...process.env, DOCKER_HOST: host };
  return (await run('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeout: 10_000, anyway: true })).code === 0;
}
