import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { busybox } from './containers.ts';

const execute = promisify(execFile);

/** An engine that is the one manager of a Swarm of its own: beside the suite's, in a network namespace of its own. */
export interface SwarmEngine extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Label of what the fixture makes, as `key=value`. */
  readonly label: string;
  readonly id: string;
  docker(...args: string[]): Promise<string>;
  /** The name that things of the fixture have. */
  name(name: string): string;
  /** A secret, its value by standard input. */
  secret(name: string, value: string, ...args: string[]): Promise<string>;
  /** A service of the fixture image; does not wait for its tasks. Extra arguments go to `docker service create`, those after `--` to the task. */
  service(name: string, ...args: string[]): Promise<string>;
  /** Until so many of its tasks run, and none else. */
  runs(name: string, count?: number): Promise<void>;
}

/** Why there is none on this machine, where there is none. */
export async function swarmMissing(): Promise<string | null> {
  const { hasDebianTools } = await demo<{ hasDebianTools(): Promise<boolean> }>('debian/archive.mjs');
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a second engine is brought up only on Linux, as root';
  return (await hasDebianTools()) ? null : 'a second engine is brought up only where there is apt';
}

/** About 2 s. The engine stays for others who use it, and is stopped by the last. */
export async function openSwarm(): Promise<SwarmEngine> {
  const from = process.env.DOCKER_HOST;
  if (from === undefined) throw new Error('DOCKER_HOST names no engine: these tests need a real one (npm test brings it)');
  const { startEngine } = await demo<{ startEngine(options: object): Promise<Started> }>('engine/start.mjs');
  const engine = await startEngine({ name: 'swarm', network: 'own' });
  const env = { ...process.env, ...engine.env };
  const docker = async (...args: string[]) => (await execute('docker', args, { env, maxBuffer: 32 << 20 })).stdout.trim();
  const script = (text: string) => execute('/bin/sh', ['-c', text], { env });
  try {
    if ((await docker('images', '-q', busybox)) === '') await script(`DOCKER_HOST='${from}' docker save '${busybox}' | docker load`);
    // Another file's tests may have made it one at the same moment.
    if ((await docker('info', '--format', '{{.Swarm.LocalNodeState}}')) !== 'active')
      await docker('swarm', 'init', '--advertise-addr', '127.0.0.1').catch(() => undefined);
    await sweepOld(docker);
  } catch (error) {
    await engine.stop();
    throw error;
  }
  const id = `t${randomBytes(4).toString('hex')}`;
  const label = `pitwall.test=${id}`;
  const name = (short: string) => `${id}-${short}`;
  const ids = async (...args: string[]) => (await docker(...args, '-q', '--filter', `label=${label}`)).split('\n').filter(Boolean);
  return {
    host: engine.host,
    label,
    id,
    docker,
    name,
    async secret(short, value, ...args) {
      const child = execute('docker', ['secret', 'create', '--label', label, ...args, name(short), '-'], { env });
      child.child.stdin?.end(value);
      return (await child).stdout.trim();
    },
    service(short, ...args) {
      const command = args.includes('--') ? args.splice(args.indexOf('--')).slice(1) : [];
      const labels = ['--label', label, '--container-label', label];
      return docker('service', 'create', '-d', '-q', '--no-resolve-image', '--name', name(short), ...labels, ...args, busybox, ...command);
    },
    async runs(short, count = 1) {
      const want = Array.from({ length: count }, () => 'Running').join();
      const filter = ['--filter', `name=${name(short)}`, '--filter', 'desired-state=running'];
      for (let tries = 0; tries < 300; tries += 1) {
        const states = (await docker('service', 'ps', name(short), ...filter.slice(2), '--format', '{{.CurrentState}}'))
          .split('\n')
          .map((state) => state.split(' ')[0]);
        if (states.join() === want) return;
        await sleep(100);
      }
      throw new Error(`${name(short)} does not run:\n${await docker('service', 'ps', '--no-trunc', name(short))}`);
    },
    async [Symbol.asyncDispose]() {
      try {
        const services = await ids('service', 'ls');
        if (services.length > 0) await docker('service', 'rm', ...services);
        for (let tries = 0; tries < 200 && (await ids('ps', '-a')).length > 0; tries += 1) await sleep(100);
        const secrets = await ids('secret', 'ls');
        if (secrets.length > 0) await docker('secret', 'rm', ...secrets);
        const networks = await ids('network', 'ls');
        if (networks.length > 0) await docker('network', 'rm', ...networks);
        expect([...(await ids('service', 'ls')), ...(await ids('ps', '-a')), ...(await ids('secret', 'ls'))]).toEqual([]);
      } finally {
        await engine.stop();
      }
    },
  };
}

/** ms; no test takes as long. */
const oldMs = 3_600_000;

/** What a test that was killed has left: the engine keeps it from one start to the next. */
async function sweepOld(docker: SwarmEngine['docker']): Promise<void> {
  for (const kind of ['service', 'secret', 'network'] as const) {
    const ids = (await docker(kind, 'ls', '-q', '--filter', 'label=pitwall.test')).split('\n').filter(Boolean);
    if (ids.length === 0) continue;
    const all = JSON.parse(await docker(kind, 'inspect', ...ids)) as { ID?: string; Id?: string; CreatedAt?: string; Created?: string }[];
    const old = all.filter(({ CreatedAt, Created }) => Date.parse(CreatedAt ?? Created ?? '') < Date.now() - oldMs);
    // another file's tests may be sweeping too
    for (const { ID, Id } of old) await docker(kind, 'rm', ID ?? Id ?? '').catch(() => undefined);
  }
}

interface Started {
  readonly host: string;
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** Of the demo's own programs, which are JavaScript. */
async function demo<T>(path: string): Promise<T> {
  return (await import(new URL(`../../demo/${path}`, import.meta.url).href)) as T;
}
