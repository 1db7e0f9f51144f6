import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const execute = promisify(execFile);

/** The docker client, on the engine that DOCKER_HOST names. Throws with what it printed. */
export async function docker(...args: string[]): Promise<string> {
  if (!process.env.DOCKER_HOST) throw new Error('DOCKER_HOST names no engine: these tests need a real one (npm test brings it)');
  const { stdout } = await execute('docker', args, { maxBuffer: 32 << 20 });
  return stdout.trim();
}

export const busybox = 'pitwall-fixture/busybox:1';

/** Containers of one test file: all carry its label, and none of them is left when it is disposed. */
export interface Fixture extends AsyncDisposable {
  /** `key=value`, unique to this fixture. */
  readonly label: string;
  /** The label's value. */
  readonly id: string;
  /** Starts a busybox that ends on SIGTERM, opted in to every drill; extra arguments go to `docker run`. */
  run(name: string, ...args: string[]): Promise<string>;
  /** As `run`, without opting in. */
  runPlain(name: string, ...args: string[]): Promise<string>;
  /** The name that `run(name)` gave. */
  name(name: string): string;
  /** Names of what runs, sorted. */
  running(): Promise<string[]>;
  /** Names of everything, stopped ones included, sorted. */
  all(): Promise<string[]>;
}

export function fixture(): Fixture {
  const id = `t${randomBytes(4).toString('hex')}`;
  const label = `pitwall.test=${id}`;
  const list = async (...args: string[]) =>
    (await docker('ps', ...args, '--filter', `label=${label}`, '--format', '{{.Names}}')).split('\n').filter(Boolean).sort();
  const runPlain = (name: string, ...args: string[]) => {
    const command = args.includes('--') ? args.splice(args.indexOf('--')).slice(1) : [];
    return docker('run', '-d', '--name', `${id}-${name}`, '--label', label, ...args, busybox, ...command);
  };
  return {
    id,
    label,
    runPlain,
    run: (name, ...args) => runPlain(name, '--label', 'pitwall.drills=all', ...args),
    name: (name) => `${id}-${name}`,
    running: () => list(),
    all: () => list('-a'),
    async [Symbol.asyncDispose]() {
      const ids = (await docker('ps', '-aq', '--filter', `label=${label}`)).split('\n').filter(Boolean);
      if (ids.length > 0) await docker('rm', '-f', '-v', ...ids);
      for (const kind of ['network', 'volume'] as const) {
        const left = (await docker(kind, 'ls', '-q', '--filter', `label=${label}`)).split('\n').filter(Boolean);
        if (left.length > 0) await docker(kind, 'rm', ...left);
      }
      expect(await list('-a')).toEqual([]);
    },
  };
}

/** A reverse-uptime drill on the fixture's containers; `body` is added to it. */
export function recycleDrill(
  { id }: Fixture,
  body: { readonly params?: string; readonly rest?: string; readonly name?: string } = {},
): string {
  return `name: ${body.name ?? 'recycle'}
kind: reverse-uptime
targets: { labels: { pitwall.test: ${id} } }
params: { maxUptime: 1s${body.params ? `, ${body.params}` : ''} }
${body.rest ?? ''}
`;
}
