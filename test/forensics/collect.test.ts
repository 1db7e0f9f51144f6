import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerInspect } from '../../src/domain/engine/containers.ts';
import type { SealReading, StepResult } from '../../src/domain/evidence.ts';
import { type Collector, type CollectRequest, openCollector, readFreezer } from '../../src/forensics/collect/collector.ts';
import type {
  DeletedFileRecord,
  ExecutableRecord,
  MountRecord,
  OpenFileRecord,
  ProcessRecord,
  SocketRecord,
  TmpfsRecord,
} from '../../src/forensics/records.ts';
import { never, realClock } from '../checks/scope.ts';
import { type Lab, openLab } from '../helper/lab.ts';
import { compile, digest, everything, holder, memorySink } from './collect-lab.ts';

const vias = ['proc', 'helper'] as const;
type Via = (typeof vias)[number];
const limit = 64 << 20;
const execute = promisify(execFile);

let lab: Lab;
let inspect: ContainerInspect;
let program: string | null;
let image: string;
let before: { shape: string; freezer: unknown };
const taken = new Map<Via, { sink: ReturnType<typeof memorySink>; results: Map<string, StepResult>; collector: Collector }>();

const open = (force: Via, of = inspect) =>
  openCollector(lab.engine, of, {
    clock: realClock,
    helper: async () => image,
    runId: '01JD0000000000000000000000',
    instance: lab.instance,
    signal: never,
    force,
  });

/** Every name in the layer and on the tmpfs with its times, access left out; read without going through the collector. */
async function shapeOf(pid: number): Promise<string> {
  const { stdout } = await execute('find', [`/proc/${pid}/root/`, '-xdev', '-printf', '%P %i %s %T@ %C@ %m %U\n'], { maxBuffer: 64 << 20 });
  const tmpfs = await execute('find', [`/proc/${pid}/root/scratch/`, '-printf', '%P %i %s %T@ %C@ %m %U\n']);
  return digest(Buffer.from(stdout + tmpfs.stdout));
}

/** Of the files, also of the tmpfs: reading leaves the access time alone. */
async function accessTimes(pid: number): Promise<string> {
  return (await execute('find', [`/proc/${pid}/root/scratch/`, '-type', 'f', '-printf', '%p %A@\n'])).stdout;
}

beforeAll(async () => {
  lab = await openLab('collect');
  image = (await lab.image({ build: await lab.build(), busybox: await lab.busybox() })).reference;
  program = await compile(lab.folder, 'holder', holder);
  const id = await everything(lab, 'target', program);
  await lab.engine.pause(id);
  inspect = await lab.engine.inspect(id);
  before = { shape: await shapeOf(inspect.State.Pid), freezer: readFreezer(inspect) };
  const access = await accessTimes(inspect.State.Pid);
  const paths = (await lab.engine.changes(id)).map(({ path }) => path);
  for (const via of vias) {
    const sink = memorySink();
    const results = new Map<string, StepResult>();
    const collector = await open(via);
    const steps: CollectRequest[] = [
      { step: 'memory' },
      { step: 'processes' },
      { step: 'network' },
      { step: 'executables' },
      { step: 'deleted-files', maxBytes: limit },
      { step: 'tmpfs', maxBytes: limit },
      { step: 'layer', paths, untimed: [], maxBytes: limit },
    ];
    for (const step of steps) results.set(step.step, await collector.run(step, sink.sink, never));
    taken.set(via, { sink, results, collector });
  }
  expect(await accessTimes(inspect.State.Pid)).toBe(access);
});
afterAll(async () => {
  for (const { collector } of taken.values()) await collector[Symbol.asyncDispose]();
  await lab.close();
});

const of = (via: Via) => {
  const found = taken.get(via);
  if (found === undefined) throw new Error(`${via} took nothing`);
  return found;
};

describe.each(vias)('by %s', (via) => {
  test('every step is whole', () => {
    const { results } = of(via);
    expect(Object.fromEntries([...results].map(([step, { state, reason }]) => [step, [state, reason]]))).toEqual(
      Object.fromEntries([...results.keys()].map((step) => [step, ['captured', null]])),
    );
  });

  test('finds the processes, that of exec too, and tells who they are', () => {
    const { processes } = of(via).sink.json<{ processes: ProcessRecord[] }>('files/processes.json');
    expect(of(via).collector.processes.map(({ pid }) => pid)).toEqual(processes.map(({ pid }) => pid));
    expect(processes[0]).toMatchObject({
      pid: 1,
      ppid: 0,
      comm: 'sh',
      exe: expect.stringMatching(/busybox$/),
      cwd: '/scratch',
      uid: 0,
      seccomp: 2,
    });
    const extra = processes.find(({ argv }) => argv.includes('88888'));
    expect(extra).toMatchObject({ ppid: 0, comm: 'sleep' });
    expect(extra?.environment).toContain('EXTRA=secret');
    expect(processes.find(({ exe }) => exe === '/tmp/busybox-run')).toMatchObject({
      exeDeleted: true,
      argv: ['/tmp/busybox-run', 'sleep', '99999'],
    });
    expect(processes.some(({ argv }) => argv.some((arg) => arg.includes('helper-main')))).toBe(false);
    expect(String(of(via).sink.files.get('files/proc/1/maps'))).toContain('[stack]');
    expect([...of(via).sink.files.keys()].filter((path) => path.startsWith('files/proc/1/'))).toHaveLength(5);
  });

  test('tells a deleted file from one that is called so', () => {
    const { openFiles } = of(via).sink.json<{ openFiles: OpenFileRecord[] }>('files/open-files.json');
    const at = (fd: number) => openFiles.find((file) => file.pid === 1 && file.fd === fd);
    expect(at(9)).toMatchObject({ target: '/tmp/gone (deleted)', deleted: true, kind: 'file', size: 11, position: 0 });
    expect(at(8)).toMatchObject({ target: '/tmp/kept (deleted)', deleted: false, kind: 'file', size: 1 });
    expect(openFiles.find(({ target }) => target === '/dev/null')).toMatchObject({ kind: 'device' });
    const { files } = of(via).sink.json<{ files: DeletedFileRecord[] }>('files/deleted.json');
    const content = (source: string) => String(of(via).sink.files.get(files.find((file) => file.source === source)?.path ?? ''));
    expect(content('/tmp/gone')).toBe('open canary');
    expect(files.map(({ source }) => source)).not.toContain('/tmp/kept');
    if (program !== null) {
      expect(content('/memfd:hidden')).toBe('memfd canary');
      expect(content('/tmp/mapped')).toBe('mapped canary');
    }
    // a shared anonymous mapping is memory, and no file
    expect(files.map(({ source }) => source)).not.toContain('/dev/zero');
    for (const { path, sha256 } of files) expect(of(via).sink.digest(path)).toBe(sha256);
  });

  test('finds sockets and whose they are', () => {
    const { sockets, interfaces, routes } = of(via).sink.json<{
      sockets: SocketRecord[];
      interfaces: { name: string; addresses: string[] }[];
      routes: object[];
    }>('files/network.json');
    const listening = sockets.filter(({ local, state }) => local.endsWith(':7000') && state === 'listen');
    const connected = sockets.filter(({ remote, state }) => remote?.endsWith(':7000') && state === 'established');
    expect([listening.length + connected.length > 0, connected.length]).toEqual([true, 1]);
    expect(connected[0]?.owners).not.toEqual([]);
    if (program !== null) {
      const unix = sockets.filter(({ protocol }) => protocol === 'unix').map(({ local }) => local);
      expect(unix).toEqual(expect.arrayContaining(['@abstract', '/tmp/a\nb']));
    }
    expect(interfaces.find(({ name }) => name === 'lo')?.addresses).toContain('127.0.0.1');
    expect(interfaces.find(({ name }) => name === 'eth0')?.addresses).toHaveLength(1);
    expect(routes.length).toBeGreaterThan(0);
  });

  test('hashes what runs, as it runs', async () => {
    const { executables } = of(via).sink.json<{ executables: ExecutableRecord[] }>('files/executables.json');
    const gone = executables.find(({ path }) => path === '/tmp/busybox-run');
    const own = executables.find(({ path }) => path.endsWith('/busybox'));
    expect(gone).toMatchObject({ deleted: true, sha256: own?.sha256 });
    expect(own?.pids).toContain(1);
    const { stdout } = await execute('sha256sum', [`/proc/${inspect.State.Pid}/exe`]);
    expect(stdout.split(' ')[0]).toBe(own?.sha256);
  });

  test('takes each tmpfs as a tar that others unpack, links and names as they are', async () => {
    const { tmpfs } = of(via).sink.json<{ tmpfs: TmpfsRecord[] }>('files/tmpfs.json');
    expect(tmpfs.map(({ mount }) => mount).sort()).toEqual(['/dev/shm', '/other', '/scratch']);
    const archive = of(via).sink.files.get(tmpfs.find(({ mount }) => mount === '/scratch')?.path ?? '');
    const path = join(lab.folder, `${via}.tar`);
    await writeFile(path, archive ?? '');
    expect(archive?.length).toBeLessThan(1 << 20);
    const { stdout } = await execute('tar', ['--numeric-owner', '--full-time', '-tvf', path]);
    expect(stdout).toContain('./link -> /etc/shadow'.slice(2));
    expect(stdout).toMatch(/^p.* fifo$/m);
    expect(stdout).toMatch(/^c.* 1,3 .* device$/m);
    expect(stdout).toMatch(/^-rw------- 1000\/1000 +12 .* (again|plain)$/m);
    expect(stdout).toMatch(/^h.* (plain link to again|again link to plain)$/m);
    expect(stdout).toContain('new\\nline');
    expect(stdout).toContain('bad\\376');
    expect(stdout).toContain('bad\\377');
    expect(stdout).toMatch(/ 3221225472 .* sparse$/m);
    const content = (name: string) => execute('tar', ['-xOf', path, name]).then((out) => out.stdout);
    expect(await content('again')).toBe('tmpfs canary');
    expect(await content('deep/er/file')).toBe('d');
    const sparse = await execute('sh', ['-c', `tar -xOf ${path} sparse | tail -c +1073741825 | head -c 6 | od -c | head -1`]);
    expect(sparse.stdout).toBe('0000000   h   o   l   e  \\0  \\0\n');
    expect(stdout).not.toContain('root:');
  });

  test('digests the layer', () => {
    const layer = of(via).results.get('layer')?.value as unknown as SealReading['layer'];
    expect(layer).toMatchObject({ metadataOnly: false });
    expect(layer?.bytes).toBeGreaterThan(3 << 20);
    expect(layer?.files).toBeGreaterThan(44);
  });
});

test('both ways say the same', () => {
  const [one, other] = vias.map((via) => of(via));
  if (one === undefined || other === undefined) throw new Error('one is missing');
  // the kernel goes on answering for a frozen container, so its counters do too
  const ignored = ['hostPid', 'raw', 'receivedBytes', 'sentBytes'];
  // the kernel keeps sockets of netlink in a hash table, whose order may be another one the next time
  const ordered = (key: string, inner: unknown) =>
    key === 'sockets' && Array.isArray(inner) ? inner.map((socket) => JSON.stringify(socket)).toSorted() : inner;
  const plain = (value: unknown) =>
    JSON.parse(JSON.stringify(value, (key, inner) => (ignored.includes(key) ? undefined : ordered(key, inner))));
  // the numbers of other namespaces, and the group as it is seen from elsewhere
  const differs = /^files\/proc\/\d+\/(status|cgroup)$|^files\/(processes|network|memory)\.json$|^(cores|checkpoint)\//;
  expect([...other.sink.files.keys()]).toEqual([...one.sink.files.keys()]);
  // reading a folder changes its access time, and no way of reading one spares it
  const read = (from: typeof one, path: string) =>
    String(from.sink.files.get(path)?.toString('latin1')).replace(/ atime=-?\d+\.\d{9}\n/g, ' atime\n');
  for (const path of one.sink.files.keys()) {
    if (!differs.test(path)) expect([path, digest(Buffer.from(read(other, path)))]).toEqual([path, digest(Buffer.from(read(one, path)))]);
  }
  for (const path of ['files/processes.json', 'files/network.json'])
    expect(plain(other.sink.json(path))).toEqual(plain(one.sink.json(path)));
  expect(other.results.get('layer')).toEqual(one.results.get('layer'));
  const { mounts } = one.sink.json<{ mounts: MountRecord[] }>('files/mounts.json');
  expect(mounts.find(({ path }) => path === '/')?.type).toBe('overlay');
});

test('the container is as it was, and frozen', async () => {
  expect(await shapeOf(inspect.State.Pid)).toBe(before.shape);
  expect((await lab.engine.inspect(inspect.Id)).State.Paused).toBe(true);
  expect([before.freezer, readFreezer(inspect)]).toEqual(['frozen', 'frozen']);
});
