import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { endProcess, identify } from '../lib/process.mjs';
import { run } from '../lib/run.mjs';
import { engineRequest } from './api.mjs';
import { removeNamespace } from './namespace.mjs';
import { restoreNetwork } from './rules.mjs';

/**
 * Ends the processes that a start wrote down, and takes away what they leave: mounts, bridges, rules, the folder in /run.
 * Images and containers stay in the cache.
 *
 * @param {ReturnType<typeof import('./places.mjs').enginePlaces>} places
 * @param {import('./places.mjs').EngineState} state
 * @param {NodeJS.ProcessEnv} env
 */
export async function stopEngine(places, state, env) {
  const bridges = await networkBridges(places);
  await endProcess(state.registry);
  // It stops its containers first, each with its own grace period.
  await endProcess(state.docker, 60_000);
  await endOrphans(places);
  await unmountBelow([places.run, places.data], env, state.ownNamespace ? [places.namespace] : []);
  if (state.ownNamespace) await removeNamespace(places.namespace, env);
  else await restoreNetwork(state.before, { env, bridge: places.bridge, bridges });
  rmSync(places.run, { recursive: true, force: true });
  for (const path of LEFT_BEHIND.filter((name) => !state.present.includes(name))) removeLeft(path);
}

/** What of LEFT_BEHIND is there; to be asked before an engine starts. */
export function presentBefore() {
  return LEFT_BEHIND.filter(existsSync);
}

/** What an engine, its containerd and CRIU make outside their own folders (20.10 a key in /etc); folders go only when they are empty. */
const LEFT_BEHIND = [
  '/run/containerd/s',
  '/run/containerd',
  '/run/docker/netns',
  '/run/docker/plugins',
  '/run/docker',
  '/run/criu.kdat',
  '/run/criu.kdat.tmp',
  '/run/mount/utab',
  '/run/mount/utab.lock',
  '/run/mount',
  '/etc/docker/key.json',
  '/etc/docker',
];

/** An engine leaves the bridges of its networks behind when it stops; it makes them again when it starts. */
async function networkBridges(places) {
  try {
    const answer = await engineRequest(`unix://${places.socket}`, 'GET', '/networks', { timeout: 10_000 });
    return answer
      .json()
      .filter((network) => network.Driver === 'bridge')
      .map((network) => network.Options?.['com.docker.network.bridge.name'] ?? `br-${network.Id.slice(0, 12)}`);
  } catch {
    return leftBridges(places);
  }
}

/** When the engine cannot be asked: it keeps a folder of this name for each bridge that is in use. */
function leftBridges(places) {
  try {
    const known = readFileSync(`${places.data}/network/files/local-kv.db`).toString('latin1');
    return [...new Set([...known.matchAll(/"BridgeName":"(br-[0-9a-f]{12})"/g)].map((match) => match[1]))];
  } catch {
    return [];
  }
}

/** What an engine that was killed could not end itself: its containerd, and the shims, which end their containers when told. */
async function endOrphans(places) {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const program = readlinkSync(`/proc/${name}/exe`);
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      if (/\/containerd(-shim-runc-v2)?$/.test(program) && words.includes(places.execRoot)) await endProcess(identify(Number(name)), 5_000);
    } catch {
      // Ended meanwhile, or not ours to look at.
    }
  }
}

async function unmountBelow(folders, env, except) {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter(Boolean);
  const below = points.filter(
    (point) => folders.some((folder) => point === folder || point.startsWith(`${folder}/`)) && !except.includes(point),
  );
  for (const point of below.reverse()) await run('umount', ['-l', point], { env, anyway: true });
}

function removeLeft(path) {
  try {
    if (statSync(path).isDirectory()) rmdirSync(path);
    else rmSync(path);
  } catch {
    // Not there, or in use by another engine.
  }
}
