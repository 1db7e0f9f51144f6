import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../lib/lock.mjs';
import { endProcess, identify, isAlive } from '../lib/process.mjs';
import { run } from '../lib/run.mjs';
import { UserError } from '../lib/user-error.mjs';
import { freeRange } from './addresses.mjs';
import { ping } from './api.mjs';
import { enterAsEngine, enterNamespace, hasOtherEngine, makeNamespace } from './namespace.mjs';
import { bootId, enginePlaces, readState, writeState } from './places.mjs';
import { enginePrograms } from './programs.mjs';
import { readNetwork } from './rules.mjs';
import { presentBefore, stopEngine } from './stop.mjs';

/**
 * Starts a Docker Engine and a registry of our own, from Debian packages in the cache, or joins the one that another process of ours
 * has started. It has its own data, bridge and addresses. Root on Linux with apt is needed.
 *
 * @param {object} [options]
 * @param {string} [options.suite] trixie (default: Docker 26.1), bookworm (20.10) or sid (the newest)
 * @param {string} [options.name] for one beside the suite's usual one, with images and containers of its own (default: the suite)
 * @param {'auto' | 'own'} [options.network] `own`: in a network namespace of its own; `auto` (default): only if another engine
 *   runs in ours. Ports that it publishes are then reachable through `enter` alone.
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<import('./engine.mjs').EngineHandle>}
 */
export async function startEngine({ suite = 'trixie', name = suite, network = 'auto', log } = {}) {
  const places = enginePlaces(name);
  const programs = await enginePrograms(suite, { log });
  const env = programEnv(programs);
  return withLock(
    places.lock,
    async () => {
      const state = await joinOrBegin({ suite, network, places, programs, env, log });
      return handle({ suite, places, programs, env, state, log });
    },
    { log },
  );
}

async function joinOrBegin({ suite, network, places, programs, env, log }) {
  const left = readState(places);
  const me = identify(process.pid);
  if (left && isAlive(left.docker) && (await ping(`unix://${places.socket}`))) {
    log?.(`joining the engine of process ${left.docker.pid}`);
    const joined = { ...left, users: [...left.users.filter(isAlive), me] };
    writeState(places, joined);
    return joined;
  }
  // After a SIGKILL the rules of the engine are still there: what was before it is what that start wrote down.
  const state = left ? { ...left, users: [me] } : await begin(network, me, env);
  writeState(places, state);
  try {
    log?.(`starting Docker Engine (${suite})${state.ownNamespace ? ' in a network namespace of its own' : ''}`);
    await bringUp(places, programs, env, state);
    return state;
  } catch (error) {
    await stopEngine(places, state, env);
    throw error;
  }
}

/** @returns {Promise<import('./places.mjs').EngineState>} */
async function begin(network, me, env) {
  const ownNamespace = network === 'own' || hasOtherEngine();
  const before = await readNetwork(env);
  return { boot: bootId(), users: [me], before, present: presentBefore(), ownNamespace, registryPort: await registryPort() };
}

async function bringUp(places, programs, env, state) {
  for (const folder of [places.data, places.registry, join(places.run, 'hold')]) mkdirSync(folder, { recursive: true });
  rmSync(places.pidFile, { force: true });
  // Of a start whose engine was killed, this one may still be there.
  await endProcess(state.registry);
  if (state.ownNamespace) await ensureNamespace(places, env);
  const inside = state.ownNamespace ? enterNamespace(places.namespace) : [];
  const range = await freeRange(inside, env);
  await ensureBridge(places.bridge, `${range.bridge}.1/24`, inside, env);
  const engine = [
    join(programs.bin, 'dockerd'),
    '--data-root',
    places.data,
    '--exec-root',
    places.execRoot,
    '--pidfile',
    places.pidFile,
    '-H',
    `unix://${places.socket}`,
    '--bridge',
    places.bridge,
    '--default-address-pool',
    `base=${range.pool}.0/16,size=24`,
    '--exec-opt',
    'native.cgroupdriver=cgroupfs',
    '--experimental',
    '--insecure-registry',
    '127.0.0.0/8',
  ];
  state.docker = launch(
    [...(state.ownNamespace ? enterAsEngine(places.namespace, join(places.run, 'hold')) : []), ...engine],
    places.log,
    env,
  );
  writeState(places, state);
  const settings = join(places.run, 'registry.yml');
  writeFileSync(
    settings,
    `version: 0.1\nstorage: {filesystem: {rootdirectory: '${places.registry}'}, delete: {enabled: true}}\nhttp: {addr: '127.0.0.1:${state.registryPort}'}\n`,
  );
  state.registry = launch([...inside, join(programs.bin, 'docker-registry'), 'serve', settings], places.registryLog, env);
  writeState(places, state);
  await untilReady(places, state);
}

async function ensureNamespace(places, env) {
  const there = await run('nsenter', [`--net=${places.namespace}`, 'true'], { env, anyway: true });
  if (there.code !== 0) await makeNamespace(places.namespace, env);
}

/** A bridge of its own, so that another engine on this machine, stopping, cannot take docker0 away. */
async function ensureBridge(name, address, inside, env) {
  const ip = (...args) => run([...inside, 'ip'][0], [...[...inside, 'ip'].slice(1), ...args], { env, anyway: true });
  if ((await ip('link', 'show', name)).code !== 0) await ip('link', 'add', name, 'type', 'bridge');
  // After a start that was killed in between, the bridge may be there without its address.
  await ip('addr', 'flush', 'dev', name);
  await ip('addr', 'add', address, 'dev', name);
  const up = await ip('link', 'set', name, 'up');
  if (up.code !== 0) throw new UserError(`no bridge can be made here: ${up.err.trim()}`, { hint: INSTALL_INSTEAD });
}

function launch([command, ...args], logFile, env) {
  const log = openSync(logFile, 'w');
  // A session of its own: Ctrl-C is for us, and we end it when the containers are gone.
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', log, log] });
  child.on('error', () => {});
  closeSync(log);
  child.unref();
  if (!child.pid) throw new Error(`${command} cannot be started`);
  return identify(child.pid);
}

async function untilReady(places, state) {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (await ping(`unix://${places.socket}`)) return;
    if (!isAlive(state.docker)) break;
    await sleep(200);
  }
  const tail = readFileSync(places.log, 'utf8').trim().split('\n').slice(-5).join('\n');
  throw new UserError(`Docker Engine did not start; the end of ${places.log}:\n${tail}`, { hint: INSTALL_INSTEAD });
}

const INSTALL_INSTEAD = 'install Docker Engine on this machine, or point DOCKER_HOST at one';

function handle({ suite, places, programs, env, state, log }) {
  const host = `unix://${places.socket}`;
  const me = identify(process.pid);
  let stopping;
  return {
    host,
    from: `Debian packages (${suite})`,
    bin: programs.bin,
    registry: `127.0.0.1:${state.registryPort}`,
    enter: state.ownNamespace ? enterNamespace(places.namespace) : [],
    started: true,
    env: { DOCKER_HOST: host, DOCKER_CONFIG: clientConfig(places, programs), PATH: env.PATH },
    stop: () => (stopping ??= withLock(places.lock, () => leave(places, env, me, log))),
  };
}

async function leave(places, env, me, log) {
  const state = readState(places);
  if (!state) return;
  const users = state.users.filter((user) => isAlive(user) && user.pid !== me.pid);
  if (users.length > 0) {
    log?.(`leaving the engine to process ${users.map((user) => user.pid).join(', ')}`);
    writeState(places, { ...state, users });
    return;
  }
  log?.('stopping the engine');
  await stopEngine(places, state, env);
}

/** The machine's own programs come first; ours serve where it has none. */
function programEnv({ bin, tools }) {
  const own = process.env.PATH ?? '';
  return { ...process.env, PATH: [bin, own, '/usr/local/sbin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', tools].join(delimiter) };
}

/** So that `docker compose` works too, and the user's own ~/.docker is neither read nor written. */
function clientConfig(places, programs) {
  const plugins = join(places.clientConfig, 'cli-plugins');
  mkdirSync(plugins, { recursive: true });
  rmSync(join(plugins, 'docker-compose'), { force: true });
  symlinkSync(programs.compose, join(plugins, 'docker-compose'));
  return places.clientConfig;
}

/** PITWALL_REGISTRY_PORT, else 5000 if it is free, else any. */
async function registryPort() {
  if (process.env.PITWALL_REGISTRY_PORT) return Number(process.env.PITWALL_REGISTRY_PORT);
  return (await portFree(5000)) || (await portFree(0));
}

function portFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(0));
    server.listen(port, '127.0.0.1', () => {
      const found = server.address().port;
      server.close(() => resolve(found));
    });
  });
}
