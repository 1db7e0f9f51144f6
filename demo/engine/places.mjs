import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../lib/cache.mjs';

/**
 * Where an engine of ours keeps its things: images and containers in the cache, and in /run what must not outlive a reboot.
 * The names hold a digest of the cache's path, so that two caches never meet, and are short, as names of interfaces and sockets must be.
 *
 * @param {string} name of the engine: the suite that it comes from, or its own where there are several of one suite
 */
export function enginePlaces(name) {
  const cache = cacheFolder('engine', name);
  const key = createHash('sha256').update(cache).digest('hex').slice(0, 8);
  const run = `/run/pitwall-${key}`;
  return {
    lock: join(cache, 'lock'),
    data: join(cache, 'data'),
    registry: join(cache, 'registry'),
    clientConfig: join(cache, 'client'),
    run,
    socket: join(run, 'docker.sock'),
    pidFile: join(run, 'docker.pid'),
    execRoot: join(run, 'exec'),
    state: join(run, 'state.json'),
    namespace: join(run, 'net'),
    log: join(cache, 'dockerd.log'),
    registryLog: join(cache, 'registry.log'),
    bridge: `pw${key}`,
  };
}

/**
 * What was begun, written before it is begun, so that a start after a SIGKILL knows what to put back.
 *
 * @typedef {object} EngineState
 * @property {string} boot the boot that it belongs to
 * @property {import('../lib/process.mjs').ProcessId[]} users the processes that use the engine; the last one to leave stops it
 * @property {import('./rules.mjs').NetworkState} before
 * @property {string[]} present of the paths that an engine leaves behind, those that were there before and stay
 * @property {boolean} ownNamespace
 * @property {number} registryPort
 * @property {import('../lib/process.mjs').ProcessId} [docker]
 * @property {import('../lib/process.mjs').ProcessId} [registry]
 */

/** @returns {EngineState | undefined} */
export function readState(places) {
  try {
    const state = JSON.parse(readFileSync(places.state, 'utf8'));
    return state.boot === bootId() ? state : undefined;
  } catch {
    return undefined;
  }
}

/** @param {EngineState} state */
export function writeState(places, state) {
  mkdirSync(places.run, { recursive: true, mode: 0o711 });
  writeFileSync(`${places.state}.new`, JSON.stringify(state));
  renameSync(`${places.state}.new`, places.state);
}

export function bootId() {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
