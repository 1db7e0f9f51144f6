import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownLabels } from '../../src/container/own.ts';
import type { CreateBody } from '../../src/domain/engine/containers.ts';
import { FailedError } from '../../src/domain/errors.ts';
import { newSecret, Secret } from '../../src/domain/secret.ts';
import type { SearchScope } from '../../src/drills/secret-rotation/holders/contract.ts';
import { findHolders, type HoldersRequest } from '../../src/drills/secret-rotation/holders/find-holders.ts';
import { type OldRequest, searchOld } from '../../src/drills/secret-rotation/holders/search-old.ts';
import { never, realClock } from '../checks/scope.ts';
import { type Lab, openLab } from '../helper/lab.ts';

// what each form has to be undone for
const value = `${newSecret().reveal()} "%ü`;
const old = new Secret(value);
const other = newSecret();
const began = Date.now();

let lab: Lab;
let scope: SearchScope;
let image: string;
let volume: string;
const ids = new Map<string, string>();

async function run(name: string, body: Partial<CreateBody> = {}): Promise<string> {
  const id = await lab.run(name, body);
  ids.set(name, id);
  return id;
}

/** By standard input: a value in a command would be found there. */
async function write(name: string, path: string, text: string): Promise<void> {
  const { exitCode } = await lab.engine.exec(ids.get(name) as string, ['sh', '-c', `mkdir -p "$(dirname ${path})"; cat > ${path}`], {
    stdin: text,
  });
  expect(exitCode).toBe(0);
}

/** Others may keep the engine busy. */
const patient = { ms: 60_000 };

const bind = (...binds: string[]): Partial<CreateBody> => ({ HostConfig: { Binds: binds } });

beforeAll(async () => {
  lab = await openLab('holders');
  scope = {
    engine: lab.engine,
    clock: realClock,
    signal: never,
    runId: '01JD00000000000000000000HO',
    instance: lab.instance,
    helperImage: () => Promise.reject(new Error('a helper was asked for')),
  };
  volume = `${lab.mark}-data`;
  await lab.engine.createVolume(volume, lab.labels);
  const folder = join(lab.folder, 'folder');
  mkdirSync(folder);
  writeFileSync(join(folder, 'app.env'), `PASSWORD='${value}'\n`);
  writeFileSync(join(folder, 'large'), Buffer.alloc(300 * 1024, value));
  writeFileSync(join(lab.folder, 'password'), `${value}\n`);
  await Promise.all([
    run('env', {
      Env: [`PASSWORD=${value}`, `OTHER=${other.reveal()}`],
      Labels: { 'com.docker.compose.project': lab.mark, 'com.docker.compose.service': 'api' },
    }),
    run('url', { Env: [`DATABASE_URL=postgres://app:${encodeURIComponent(value)}@db/shop`] }),
    run('base64', { Env: [`AUTH=Basic ${Buffer.from(`app:${value}`).toString('base64')}`] }),
    run('file', bind(`${join(lab.folder, 'password')}:/run/secrets/password:ro`)),
    run('folder', bind(`${folder}:/etc/app:ro`)),
    run('volume', { ...bind(`${volume}:/data`), Env: ['PASSWORD_FILE=/data/password'] }),
    run('memory', { HostConfig: { Tmpfs: { '/run/secrets': '' } } }),
    run('linked', { Env: ['PASSWORD_FILE=/opt/password', 'GONE_FILE=/opt/gone'] }),
    run('layer'),
    run('log'),
    run('command', { Cmd: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done', 'x', `--password=${value}`] }),
    run('label', { Labels: { app: JSON.stringify({ password: value }), 'pitwall.secrets': 'cache_password, db_password' } }),
    run('other', { Env: [`PASSWORD=${other.reveal()}`, `SHORT=${value.slice(0, -1)}`] }),
    run('ours', { Env: [`PASSWORD=${value}`], Labels: ownLabels({ ...scope, role: 'test', expiresAt: Date.now() + 600_000 }) }),
    run('skipped', { Env: [`PASSWORD=${value}`], Labels: { 'pitwall.skip': 'true' } }),
  ]);
  await write('volume', '/data/password', value);
  await write('memory', '/run/secrets/password', value);
  await write('linked', '/dev/shm/password', value);
  await lab.shell(ids.get('linked') as string, 'mkdir -p /opt && ln -s ../dev/shm/password /opt/password');
  await write('layer', '/opt/app/conf.d/app.json', JSON.stringify({ password: value }));
  await write('layer', '/etc/passwd', value);
  await write('log', '/proc/1/fd/1', `login with ${value}\n`);
  image = await lab.engine.commit(ids.get('layer') as string, {
    reference: `${lab.mark}:1`,
    comment: `made with ${value}`,
    changes: [`ENV TOKEN="${value.replaceAll('"', '\\"')}"`, `LABEL pitwall.test="${lab.mark}"`],
  });
  await run('image', { Image: `${lab.mark}:1`, Env: ['TOKEN=none'] });
});

afterAll(async () => {
  const made = [...ids.keys()].length;
  for (const id of ids.values()) await lab.engine.remove(id, { force: true });
  if (image !== undefined) await lab.engine.removeImage(image);
  await lab.close();
  expect(made).toBe(16);
});

const short = (container: string | null) => container?.replace(`${lab.mark}-`, '') ?? null;

async function find(request: Partial<HoldersRequest> = {}) {
  const found = await findHolders(scope, { secret: old, name: null, files: [], named: [], ...request }, patient);
  const ours = found.holders.filter(({ container }) => container.startsWith(lab.mark));
  return {
    places: Object.fromEntries(
      ours.map(({ container, places }) => [short(container), places.map(({ place, foundBy }) => `${place}: ${foundBy.join(', ')}`)]),
    ),
    named: ours.filter(({ named }) => named).map(({ container }) => short(container)),
    unread: found.unread
      .filter(({ container }) => container?.startsWith(lab.mark))
      .map(({ container, what }) => `${short(container)}: ${what}`),
    all: found,
  };
}

describe('before the leak', () => {
  test('every container that holds it, by its value, with the place', async () => {
    const { places, unread, all } = await find();
    expect(places).toEqual({
      base64: ['environment AUTH: value'],
      command: ['its command: value'],
      env: ['environment PASSWORD: value'],
      file: ['file /run/secrets/password (bind, one file): value'],
      folder: ['file /etc/app/app.env (bind): value'],
      linked: ['file /opt/password (in its own file system): value'],
      memory: ['file /run/secrets/password (in memory): value'],
      url: ['environment DATABASE_URL: value'],
      volume: [`file /data/password (volume ${volume}): value`],
    });
    expect(unread.toSorted()).toEqual(['folder: a file of /etc/app over 256 KiB', 'skipped: all of it: it is labelled pitwall.skip']);
    expect(JSON.stringify(all)).not.toContain(value.slice(0, 43));
  });

  test('by what its label says, by what is mounted, and by its Swarm service', async () => {
    const inspect = (name: string) => lab.engine.inspect(ids.get(name) as string);
    await using second = await sharing();
    const { places, unread, all } = await find({
      secret: null,
      name: 'db_password',
      files: [
        { container: await inspect('file'), path: '/run/secrets/password' },
        { container: await inspect('volume'), path: '/data/password' },
      ],
      swarmServices: ['a-service'],
    });
    expect(second.id).toMatch(/^[0-9a-f]{64}$/);
    expect(places).toEqual({
      file: ['file /run/secrets/password (bind, one file): mount'],
      label: ['label pitwall.secrets: label'],
      sharing: ['secret of its Swarm service: swarm', 'file /mnt/password (bind): mount', `file /vol/password (volume ${volume}): mount`],
      volume: [`file /data/password (volume ${volume}): mount`],
    });
    expect(unread).toEqual(['skipped: all of it: it is labelled pitwall.skip']);
    expect(all.unread).toContainEqual({ container: null, what: 'environments and files: the value of the secret is not known' });
    expect((await find({ secret: null, name: 'password' })).places).toEqual({});
  });

  async function sharing() {
    const id = await lab.run('sharing', {
      ...bind(`${lab.folder}:/mnt:ro`, `${volume}:/vol:ro`),
      Labels: { 'com.docker.swarm.service.id': 'a-service' },
    });
    return { id, [Symbol.asyncDispose]: () => lab.engine.remove(id, { force: true }) };
  }

  test('a value of another is not reported, a short one is compared whole, and replicas of a consumer are named', async () => {
    expect((await find({ secret: other })).places).toEqual({ env: ['environment OTHER: value'], other: ['environment PASSWORD: value'] });
    expect((await find({ secret: newSecret() })).places).toEqual({});
    const none = await find({ secret: new Secret('none') });
    expect(none.places).toEqual({ image: ['environment TOKEN: value'] });
    expect(none.all.unread[0]?.what).toMatch(/under 8 characters/);
    const consumer = await lab.engine.inspect(ids.get('url') as string);
    const replica = await lab.engine.inspect(ids.get('env') as string);
    expect((await find({ named: [consumer, { ...replica, Id: 'another replica' }] })).named).toEqual(['env', 'url']);
  });
});

async function search(request: Partial<OldRequest> = {}, given: SearchScope = scope, options: Parameters<typeof searchOld>[2] = {}) {
  const containers = [...ids.values()].map((Id) => ({ Id, server: Id === ids.get('base64') }));
  const found = await searchOld(
    given,
    { values: [{ what: 'old', secret: old }], containers, since: began, logsOfRun: () => [], ...request },
    { ...patient, ...options },
  );
  const lines = (kind: (one: string) => boolean) =>
    found.places.filter((one) => kind(one.kind)).map(({ container, place, severity }) => `${short(container)}: ${place}: ${severity}`);
  return {
    held: lines((kind) => kind !== 'image'),
    image: lines((kind) => kind === 'image'),
    unread: found.unread.map(({ container, what }) => `${short(container)}: ${what}`).toSorted(),
    all: found,
  };
}

describe('after the rotation', () => {
  const everywhere = () => [
    'null: what the run itself wrote (JSON-escaped): high',
    'base64: environment AUTH (in base64): low',
    'command: its command: medium',
    'env: environment PASSWORD: medium',
    'file: file /run/secrets/password (bind, one file): medium',
    'folder: file /etc/app/app.env (bind): medium',
    'label: label app (JSON-escaped): low',
    'layer: file /etc/passwd, written since it was made: low',
    'layer: file /opt/app/conf.d/app.json, written since it was made (JSON-escaped): low',
    'linked: file /opt/password (in its own file system): medium',
    'log: what it printed since the run began: low',
    'memory: file /run/secrets/password (in memory): medium',
    'url: environment DATABASE_URL (URL-encoded): medium',
    `volume: file /data/password (volume ${volume}): medium`,
  ];

  test('every place that still has it, and what was not read; a single file that the host has replaced as well', async () => {
    writeFileSync(join(lab.folder, 'next'), `${other.reveal()}\n`);
    renameSync(join(lab.folder, 'next'), join(lab.folder, 'password'));
    const {
      held,
      image: inImage,
      unread,
      all,
    } = await search({
      logsOfRun: async function* lines() {
        yield JSON.stringify({ message: value });
      },
    });
    expect(held).toEqual(everywhere());
    expect(inImage).toEqual([
      expect.stringMatching(/^image: image .*: environment TOKEN: low$/),
      expect.stringMatching(/^image: image .*: step \d+ of its history.*: low$/),
    ]);
    expect(unread).toEqual(['folder: a file of /etc/app over 256 KiB', 'skipped: all of it: it is labelled pitwall.skip']);
    expect(JSON.stringify(all)).not.toContain(value.slice(0, 43));
  });

  test('what only the container itself sees is read by a helper where its processes are not this host’s, or is unread', async () => {
    const image = await lab.image({ build: await lab.build() });
    const containers = ['file', 'memory'].map((name) => ({ Id: ids.get(name) as string, server: false }));
    const options = { force: 'helper' } as const;
    const { held } = await search({ containers }, { ...scope, helperImage: async () => image }, options);
    expect(held).toEqual([
      'file: file /run/secrets/password (bind, one file): medium',
      'memory: file /run/secrets/password (in memory): medium',
    ]);
    expect((await lab.ours()).map(({ labels }) => labels['pitwall.role'])).toEqual(['test']);
    const none = () => Promise.reject(new FailedError('no_helper', 'there is no helper image'));
    const unread = await search({ containers }, { ...scope, helperImage: none }, options);
    expect(unread.held).toEqual([]);
    expect(unread.unread).toEqual([
      'file: /run/secrets/password: it could not be read (no_helper)',
      'memory: /run/secrets: it could not be read (no_helper)',
    ]);
  });

  test('nothing where nothing is, and a short value is not sought', async () => {
    const { all, unread } = await search({ values: [{ what: 'old', secret: newSecret() }] });
    expect(all.places).toEqual([]);
    expect(all.searched).toBe(14);
    expect(unread).toContain('skipped: all of it: it is labelled pitwall.skip');
    const none = await search({ values: [{ what: 'old', secret: new Secret('none') }] });
    expect(none.all).toMatchObject({
      places: [],
      searched: 0,
      unread: [{ container: null, what: expect.stringContaining('under 8 characters') }],
    });
  });

  test('what there is no time or room for, or is gone, is unread and said', async () => {
    // it answers nothing until it is given up
    const inspect = (_id: string, { signal }: { readonly signal: AbortSignal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const engine = Object.assign(Object.create(lab.engine) as typeof lab.engine, { inspect });
    const late = await search({}, { ...scope, engine }, { ms: 50 });
    expect(late.all.places).toEqual([]);
    expect(late.unread.filter((line) => line.endsWith('all of it: it took too long'))).toHaveLength(16);
    const containers = ['volume', 'log'].map((name) => ({ Id: ids.get(name) as string, server: false }));
    const full = await search({ containers: [...containers, { Id: 'f'.repeat(64), server: false }] }, scope, { bytes: 10 });
    expect(full.held).toEqual([]);
    expect(full.unread).toEqual([
      'ffffffffffff: all of it: it is gone',
      'log: all of its log but the last lines: too much was printed since the run began',
      'volume: the rest of /data/password: too much to read in all',
      'volume: the rest of /data: too much to read in all',
    ]);
    const readArchive: typeof lab.engine.readArchive = async (...args) => {
      const tar = await lab.engine.readArchive(...args);
      return tar === null ? null : Readable.from([(await buffer(tar)).subarray(0, 530)]);
    };
    const cut = await search(
      { containers },
      { ...scope, engine: Object.assign(Object.create(lab.engine) as typeof lab.engine, { readArchive }) },
    );
    expect(cut.held).toEqual([expect.stringMatching(/^log: /)]);
    expect(cut.unread).toContain('volume: the rest of /data/password: it ended half-way');
    expect((await search({ containers, since: Date.now() + 1_000 })).held).toEqual([expect.stringMatching(/^volume: /)]);
  });
});
