import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unpackPackages } from './debian/packages.mjs';
import { SUITE } from './images/specs.mjs';
import { cacheFolder } from './lib/cache.mjs';
import { endProcess, identify, isAlive } from './lib/process.mjs';
import { repository } from './lib/repository.mjs';
import { run } from './lib/run.mjs';
import { shopPort } from './shop/compose.mjs';
import { ensureShopSecrets } from './shop/secrets.mjs';

/**
 * Pitwall as the demo uses it: with a home of its own in the cache, the catalogue in drills/, and the demo's own drills beside it.
 *
 * @param {import('./engine/engine.mjs').EngineHandle} engine
 */
export function demoPitwall(engine, { log } = {}) {
  const home = cacheFolder('demo');
  const port = Number(process.env.PITWALL_API_PORT || 7500);
  const env = { ...process.env, ...engine.env, ...ensureShopSecrets(), PITWALL_HOME: home, PITWALL_CONFIG: join(home, 'pitwall.yaml') };
  const command = [...engine.enter, process.execPath, join(repository, 'dist/main.js')];
  const settle = () => run(command[0], [...command.slice(1), 'recover'], { env, anyway: true });
  const plain = (...args) => run(command[0], [...command.slice(1), ...args], { env, anyway: true });
  const forget = async () => {
    // what a demo that was interrupted still holds frozen
    for (const { id } of parse((await plain('evidence', 'list', '--held', '--json')).out) ?? []) await plain('release', id, '--to', 'kill');
    await plain('evidence', 'prune', '--keep-bytes', '0B');
  };

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    home,
    drills: ownDrills(),
    /** Settles what a demo that was killed has left, and begins with an empty database. */
    prepare: async () => {
      if (existsSync(join(home, 'pitwall.yaml'))) {
        await settle();
        await forget();
      }
      for (const name of readdirSync(home)) rmSync(join(home, name), { recursive: true });
      const settings = { engines: [{ name: 'demo', host: engine.host, environment: 'local' }], drills: catalogue(home), api: { port } };
      await placeBusybox(home, log);
      // JSON is YAML too.
      writeFileSync(join(home, 'pitwall.yaml'), JSON.stringify(settings, null, 2));
    },
    serve: (signal) => serve(command, env, `http://127.0.0.1:${port}`, join(home, 'serve.log'), engine.enter, signal),
    /** @returns {Promise<{ code: number | null, record: any, err: string }>} */
    run: async (drill, signal) => {
      const { code, out, err } = await run(command[0], [...command.slice(1), 'run', drill, '--json'], { env, signal, anyway: true });
      return { code, record: parse(out), err };
    },
    /** Any command, with its answer as data. */
    ask: async (args, signal) => {
      const { code, out, err } = await run(command[0], [...command.slice(1), ...args, '--json'], { env, signal, anyway: true });
      return { code, answer: parse(out), err };
    },
    /** Any command, as a reader without a terminal sees it. */
    text: async (args) => (await plain(...args)).out.trimEnd().split('\n'),
    /** Evidence of a demo is nobody's: its images would stay on the engine. */
    forget,
    recover: settle,
    command: [`PITWALL_CONFIG=${join(home, 'pitwall.yaml')}`, ...engine.enter, 'npx', '.'].join(' '),
  };
}

/** The helper image takes it from there; with none, canaries cannot be planted, which the drill then says. */
async function placeBusybox(home, log) {
  try {
    const root = await unpackPackages(SUITE, ['busybox-static'], { log });
    mkdirSync(join(home, 'helper'), { recursive: true });
    copyFileSync(join(root, 'usr/bin/busybox'), join(home, 'helper/busybox'));
  } catch (error) {
    log?.(`no static busybox could be had: ${error.message}`);
  }
}

/** Starts `pitwall serve` and waits until it answers. */
async function serve([command, ...args], env, url, logFile, enter, signal) {
  const log = openSync(logFile, 'w');
  // A session of its own, so that Ctrl-C does not end it before the drill that runs has been undone.
  const child = spawn(command, [...args, 'serve'], { env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const id = identify(child.pid);
  const stop = () => endProcess(id, 30_000);
  try {
    const end = Date.now() + 30_000;
    while (!(await answers(`${url}/healthz`, enter))) {
      signal.throwIfAborted();
      if (!isAlive(id) || Date.now() > end)
        throw new Error(`pitwall serve did not start:\n${readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n')}`);
      await sleep(200);
    }
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Asked from inside the engine's network namespace, where it has one. */
async function answers(url, enter) {
  const script = `fetch(${JSON.stringify(url)},{signal:AbortSignal.timeout(2000)}).then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))`;
  const [command, ...args] = [...enter, process.execPath, '-e', script];
  return (await run(command, args, { anyway: true })).code === 0;
}

/** The folders of drills; with another port for the shop, copies in which it is exchanged. */
function catalogue(home) {
  const folders = ['drills', 'demo/drills'].map((name) => join(repository, name));
  if (shopPort() === 8080) return folders;
  return folders.map((folder, index) => {
    const copy = join(home, `drills-${index}`);
    mkdirSync(copy);
    cpSync(folder, copy, { recursive: true });
    for (const name of readdirSync(copy)) {
      const text = readFileSync(join(copy, name), 'utf8').replaceAll('127.0.0.1:8080', `127.0.0.1:${shopPort()}`);
      writeFileSync(join(copy, name), text);
    }
    return copy;
  });
}

/** The names of the demo's own drills, one of each kind that exists. */
function ownDrills() {
  const folder = join(repository, 'demo/drills');
  return readdirSync(folder)
    .sort()
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/^name:\s*(\S+)/gm)].map((match) => match[1]));
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
