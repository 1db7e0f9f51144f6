import { chmod, chown, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodePath } from '../../src/container/node-runtime.ts';
import type { CreateBody } from '../../src/domain/engine/containers.ts';
import { newSecret, Secret } from '../../src/domain/secret.ts';
import { type DeliveryScope, openHands } from '../../src/drills/secret-rotation/deliver/hands.ts';
import type { Credential } from '../../src/drills/secret-rotation/system.ts';
import { never, realClock } from '../checks/scope.ts';
import { type Lab, openLab } from '../helper/lab.ts';

/** Where the servers of these tests have their secret. */
export const path = '/run/secrets/token';
/** Owner and mode of a secret on the host, unlike any default. */
const owner = { uid: 1234, gid: 4321, mode: 0o640 };

/**
 * Checks a bearer value against a file: read at the start, on SIGHUP (unless it is deaf) and on `POST /reload`; of a second file, if named, too. With `each`
 * at every request.
 */
export const program = `
const fs = require('fs'), http = require('http');
const [file, next, each] = process.argv.slice(1);
const read = (path) => { try { return fs.readFileSync(path, 'utf8').trim(); } catch { return null; } };
let known = [];
const load = () => { known = [read(file), next === '' ? null : read(next)].filter(Boolean); };
load();
process.on('SIGHUP', () => each === 'deaf' || load());
process.on('SIGTERM', () => process.exit(0));
http.createServer((request, response) => {
  if (request.method === 'POST') { if (request.url === '/reload') load(); response.statusCode = request.url === '/reload' ? 204 : 404; return response.end(); }
  if (each === 'each') load();
  response.statusCode = known.some((one) => request.headers.authorization === 'Bearer ' + one) ? 200 : 401;
  response.end();
}).listen(8080);
`;

export async function openDeliveryLab(what: string) {
  const lab: Lab = await openLab(what);
  const { reference: image } = await lab.image({ build: await lab.build() });
  const runId = `01JD${lab.mark.slice(-8).toUpperCase().padEnd(22, '0')}`;
  const plain: DeliveryScope = {
    engine: lab.engine,
    clock: realClock,
    signal: never,
    runId,
    instance: lab.instance,
    helperImage: async () => ({ reference: image }),
  };
  const hands = openHands(plain);
  const scope: DeliveryScope = { ...plain, hands };
  let folders = 0;
  return {
    ...lab,
    /** Without hands: every call has its own. */
    plain,
    scope,
    /** A folder of the host that has the secret, and a value of it. */
    async secretFolder(): Promise<{ readonly folder: string; readonly file: string; readonly old: Credential }> {
      const folder = join(lab.folder, `secrets-${folders++}`);
      const file = join(folder, 'token');
      const old = { user: null, secret: newSecret() };
      await mkdir(folder);
      await writeFile(file, `${old.secret.reveal()}\n`);
      await chown(file, owner.uid, owner.gid);
      await chmod(file, owner.mode);
      return { folder, file, old };
    },
    /** A server of `program`; its labels are not those of the image that it is made from, which is ours. */
    async server(
      name: string,
      given: {
        readonly host?: Readonly<Record<string, unknown>>;
        readonly next?: string;
        readonly each?: boolean;
        readonly deaf?: boolean;
      } = {},
    ) {
      const args = ['-e', program, path, given.next ?? '', given.each === true ? 'each' : given.deaf === true ? 'deaf' : ''];
      const none = { 'pitwall.run': '', 'pitwall.role': '', 'pitwall.instance': '', 'pitwall.expires': '' };
      const body: CreateBody = {
        Image: image,
        Entrypoint: [nodePath],
        Cmd: args,
        User: '0:0',
        HostConfig: { ...given.host },
        Labels: none,
      };
      const id = await lab.run(name, body);
      await untilAsked(id);
      return lab.engine.inspect(id);
    },
    /** A busybox, which only has the file. */
    async holder(name: string, host: Readonly<Record<string, unknown>>) {
      return lab.engine.inspect(await lab.run(name, { HostConfig: host }));
    },
    /** The status that a server answers to a value. */
    async ask(name: string, { secret }: Credential): Promise<number> {
      const { NetworkSettings } = await lab.engine.inspect(name);
      const [end] = Object.values(NetworkSettings.Networks);
      return status(`http://${end?.IPAddress}:8080/`, secret);
    },
    async close(): Promise<void> {
      await hands[Symbol.asyncDispose]();
      await lab.close();
    },
  };

  async function untilAsked(id: string): Promise<void> {
    const { NetworkSettings } = await lab.engine.inspect(id);
    const [end] = Object.values(NetworkSettings.Networks);
    for (const until = Date.now() + 10_000; Date.now() < until; await realClock.sleep(20)) {
      const answer = await status(`http://${end?.IPAddress}:8080/`, new Secret('nobody’s')).catch(() => null);
      if (answer !== null) return;
    }
    throw new Error('the server does not answer');
  }
}

export type DeliveryLab = Awaited<ReturnType<typeof openDeliveryLab>>;

async function status(url: string, secret: Secret): Promise<number> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${encodeURIComponent(secret.reveal())}` } });
  await response.arrayBuffer();
  return response.status;
}

/** All that can be told of a file: what must be the same after an undo. */
export async function faceOf(file: string) {
  const { mode, uid, gid, ino, mtimeMs } = await lstat(file);
  return { mode, uid, gid, ino, mtimeMs, bytes: await readFile(file, 'utf8') };
}

export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}

export function fresh(): Credential {
  return { user: null, secret: newSecret() };
}
