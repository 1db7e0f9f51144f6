import { mkdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodePath } from '../../src/container/node-runtime.ts';
import { allDone } from '../../src/domain/all-done.ts';
import type { CreateBody } from '../../src/domain/engine/containers.ts';
import { catalogue } from '../../src/probes/catalogue.ts';
import type { Allowed } from '../../src/probes/probe.ts';
import { fixture } from '../helper/lab.ts';
import { openProbeLab, type ProbeLab } from './lab.ts';

const ids = catalogue.filter(({ group }) => group === 'filesystem').map(({ id }) => id);
const idle = { Cmd: ['sleep', '300'] };
const nobody = '65534:65534';

let lab: ProbeLab;
/** A volume that two containers have. */
let shared: string;
let cgroups: string | null;

beforeAll(async () => {
  lab = await openProbeLab('filesystem');
  shared = `${lab.mark}-shared`;
  await lab.engine.createVolume(shared, lab.labels);
  cgroups = (await lab.engine.info()).cgroupVersion;
}, 60_000);
afterAll(async () => {
  for (const { id } of await lab.engine.list({ all: true, labels: [`pitwall.test=${lab.mark}`] }))
    await lab.engine.remove(id, { force: true });
  await lab.close();
});

async function states(container: string, some: readonly string[] = ids, allow: Partial<Allowed> = {}) {
  const { evaluated } = await lab.probe(container, some, { allow });
  return {
    states: Object.fromEntries(evaluated.map(({ probe, answer }) => [probe.id, answer.state])),
    disagreements: evaluated.flatMap(({ probe, answer }) => (answer.disagreement === undefined ? [] : [probe.id])),
    evidence: Object.fromEntries(evaluated.map(({ probe, answer }) => [probe.id, answer.evidence])),
  };
}

const of = (name: string, body: Partial<CreateBody>) => lab.run(name, { ...idle, ...body });
const volume = (source: string, target: string, readOnly = false) => ({
  Type: 'volume',
  Source: source,
  Target: target,
  ReadOnly: readOnly,
});

test('every one of them is seen red where its weakness is planted, or says why that cannot be here', async () => {
  const [safe, full] = await Promise.all([lab.selfTest(ids), lab.selfTest(ids, { full: true })]);
  const others = (tested: typeof safe) =>
    Object.fromEntries(
      [...tested].filter(([, { outcome }]) => outcome !== 'red').map(([id, { outcome, reason }]) => [id, `${outcome}: ${reason}`]),
    );
  const never = {
    'FS-16': expect.stringMatching(/^untested: it takes two containers/),
    ...('FS-08' in others(full) ? { 'FS-08': expect.stringMatching(/^untested: .*no \/sys\/kernel\/uevent_helper/) } : {}),
  };
  const reaches = expect.stringMatching(/^untested: its weakness would reach the host/);
  expect(others(safe)).toEqual({ ...never, 'FS-09': reaches, 'FS-11': reaches, 'FS-14': reaches });
  expect(others(full)).toEqual({
    ...never,
    ...(cgroups === '1' ? {} : { 'FS-09': expect.stringMatching(/^untested: .*no cgroup v1 hierarchy/) }),
  });
}, 60_000);

test('three containers, as the table says', async () => {
  const hardened = await of('hardened', {
    User: nobody,
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      NetworkMode: 'none',
      Memory: 64e6,
      PidsLimit: 64,
      Tmpfs: { '/tmp': '' },
    },
  });
  const plain = await of('plain', {});
  const weak = await of('weak', {
    User: '0:0',
    HostConfig: {
      CapAdd: ['SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN', 'SYSLOG'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
      MaskedPaths: [],
      ReadonlyPaths: [],
      PidMode: 'host',
      DeviceCgroupRules: ['b *:* rm'],
      // no socket, but named as one
      Binds: ['/etc:/host/etc:ro', '/etc/hostname:/var/run/docker.sock:ro'],
      Mounts: [volume(shared, '/shared')],
    },
  });
  await of('peer', { HostConfig: { Mounts: [volume(shared, '/data')] } });
  await lab.shell(weak, 'cp /bin/busybox /usr/bin/dropped; echo note > /tmp/note');
  await lab.shell(plain, 'echo note > /tmp/note');
  const helper = (await lab.shell(plain, '[ -e /sys/kernel/uevent_helper ]; echo $?')) === '0' ? 'holds' : 'not-applicable';
  const agent = cgroups === '2' ? 'not-applicable' : 'holds';
  //                     hardened            default           weak
  const table: Record<string, readonly [string, string, string]> = {
    'FS-01': ['holds', 'broken', 'broken'],
    'FS-02': ['holds', 'broken', 'broken'],
    'FS-03': ['holds', 'holds', 'broken'],
    // it has a network namespace of its own, and nobody in it
    'FS-04': ['holds', 'holds', 'holds'],
    'FS-05': ['holds', 'holds', 'broken'],
    'FS-06': ['holds', 'holds', 'broken'],
    'FS-07': ['holds', 'holds', 'broken'],
    // /sys stays read-only for all that are not privileged, and many kernels do not have the file
    'FS-08': [helper, helper, helper],
    // none in what a container sees; that it may mount all of it is PRV-05
    'FS-09': [agent, agent, agent],
    'FS-10': ['holds', 'holds', 'broken'],
    'FS-11': ['holds', 'holds', 'broken'],
    'FS-12': ['holds', 'holds', 'broken'],
    // a mount that is shared takes a host whose root is: see below
    'FS-13': ['holds', 'holds', 'holds'],
    // it sees the host's processes, and no dummy is given that
    'FS-14': ['not-applicable', 'not-applicable', 'inconclusive'],
    // none is mounted: see below
    'FS-15': ['holds', 'holds', 'holds'],
    'FS-16': ['holds', 'holds', 'broken'],
    'FS-17': ['holds', 'broken', 'broken'],
    'FS-18': ['holds', 'holds', 'broken'],
  };
  expect(Object.keys(table)).toEqual(ids);
  const column = (index: number) => Object.fromEntries(Object.entries(table).map(([id, row]) => [id, row[index]]));
  const before = await lab.engine.changes(plain);
  const all = await Promise.all([hardened, plain, weak].map((id) => states(id)));
  expect(all.map((one) => one.states)).toEqual([column(0), column(1), column(2)]);
  expect(all.map((one) => one.disagreements)).toEqual([[], [], []]);
  expect(all[1]?.evidence['FS-11']).toMatch(/a node for null works in \/dev, and .* is refused \(EPERM\)/);
  expect(all[2]?.evidence['FS-18']).toMatch(/1 such files: \/usr\/bin\/dropped \(added\)/);
  expect(await lab.engine.changes(plain)).toEqual(before);
}, 60_000);

test('none holds for a reason of its own', async () => {
  const readOnly = { ReadonlyRootfs: true };
  await lab.engine.createVolume(`${lab.mark}-own`, lab.labels);
  const [user, root, exec, tiny, scratch, untried, socket, listening, reader] = await Promise.all([
    of('user', { User: nobody }),
    of('root', { HostConfig: readOnly }),
    of('exec', { User: nobody, HostConfig: { ...readOnly, Tmpfs: { '/work': 'exec,mode=1777' } } }),
    of('tiny', { User: nobody, HostConfig: { ...readOnly, Tmpfs: { '/work': 'exec,mode=1777,size=64k' } } }),
    of('scratch', { User: nobody, HostConfig: { ...readOnly, Mounts: [volume(`${lab.mark}-own`, '/own')] } }),
    // a path that no step names, and a file, in the place of which there is no folder
    of('untried', { HostConfig: { ...readOnly, Binds: ['/etc/hostname:/own.conf'], Mounts: [volume(`${lab.mark}-own`, '/own files')] } }),
    of('socket', { HostConfig: { Binds: ['/etc/hostname:/run/podman/podman.sock:ro'] } }),
    lab.run('listening', {
      Image: lab.shop.helperImage,
      Entrypoint: [nodePath, '-e', String.raw`require('net').createServer().listen('\0/containerd-shim/x.sock')`],
      HostConfig: { NetworkMode: 'none' },
    }),
    of('reader', { HostConfig: { Mounts: [volume(shared, '/data', true)] } }),
  ]);
  const [asUser, asRoot, anywhere, small, empty, left, named, heard, read] = await Promise.all([
    states(user, ['FS-01', 'FS-06']),
    states(root, ['FS-01', 'FS-02', 'FS-11', 'FS-17']),
    states(exec, ['FS-01', 'FS-02']),
    states(tiny, ['FS-02']),
    states(scratch, ['FS-02']),
    states(untried, ['FS-02']),
    states(socket, ['FS-03', 'FS-05']),
    states(listening, ['FS-04']),
    states(reader, ['FS-16']),
  ]);
  // / is closed to it by permission alone, and /tmp is not
  expect(asUser.states).toEqual({ 'FS-01': 'broken', 'FS-06': 'holds' });
  expect(asUser.evidence['FS-01']).toMatch(/in \/tmp \[/);
  expect(asUser.evidence['FS-06']).toMatch(/its root could/);
  // the shell's own test says of root that it may write, whatever the file system says
  expect(asRoot.states).toEqual({ 'FS-01': 'holds', 'FS-02': 'holds', 'FS-11': 'holds', 'FS-17': 'holds' });
  expect(anywhere.states).toEqual({ 'FS-01': 'holds', 'FS-02': 'broken' });
  // no room for a program, but for a script
  expect(small.states).toEqual({ 'FS-02': 'broken' });
  // what stands for its volume is not its user's, which says nothing of the volume
  expect(empty.states).toEqual({ 'FS-02': 'inconclusive' });
  expect(left.states).toEqual({ 'FS-02': 'inconclusive' });
  expect(left.evidence['FS-02']).toMatch(/^nothing was tried in \/own files, \/own\.conf, which it may write/);
  // read-only keeps nobody from talking to it
  expect(named.states).toEqual({ 'FS-03': 'broken', 'FS-05': 'holds' });
  expect(heard.states).toEqual({ 'FS-04': 'broken' });
  expect(read.states).toEqual({ 'FS-16': 'holds' });
}, 60_000);

test('of one that never ran the API is asked, and a privileged one is not attempted', async () => {
  const declared = async (name: string, HostConfig: CreateBody['HostConfig'] = {}) => {
    const { id } = await lab.engine.create(`${lab.mark}-${name}`, { Image: fixture, ...idle, HostConfig, Labels: lab.labels });
    return id;
  };
  const Binds = ['/etc:/a:ro,rshared', '/sys/kernel/debug:/b', '/run:/c:ro', '/var/log:/d:ro'];
  const [plain, mounts, strong] = await Promise.all([
    declared('declared'),
    declared('mounts', { Binds, Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/extra', CgroupPermissions: 'r' }] }),
    declared('strong', { Privileged: true }),
  ]);
  const [never, said, privileged] = await Promise.all([
    states(plain, ['FS-01', 'FS-04', 'FS-05', 'FS-18']),
    states(mounts, ['FS-03', 'FS-05', 'FS-12', 'FS-13', 'FS-15']),
    states(strong),
  ]);
  expect(never.states).toEqual({ 'FS-01': 'broken', 'FS-04': 'not-applicable', 'FS-05': 'holds', 'FS-18': 'not-applicable' });
  // the folder of the run-time has its socket
  expect(said.states).toEqual({ 'FS-03': 'broken', 'FS-05': 'broken', 'FS-12': 'broken', 'FS-13': 'broken', 'FS-15': 'broken' });
  expect(privileged.states).toMatchObject({
    'FS-01': 'broken',
    'FS-02': 'inconclusive',
    'FS-06': 'broken',
    'FS-07': 'broken',
    'FS-09': 'broken',
    'FS-10': 'broken',
    'FS-11': 'broken',
    'FS-12': 'broken',
    'FS-17': 'inconclusive',
  });
  const allow = { mounts: ['/a', '/sys/kernel/debug', '/run', '/d', '/dev/extra'] };
  expect((await states(mounts, ['FS-03', 'FS-05', 'FS-12', 'FS-13', 'FS-15'], allow)).states).toEqual({
    'FS-03': 'holds',
    'FS-05': 'holds',
    'FS-12': 'holds',
    // what is allowed to be mounted is not allowed to be shared
    'FS-13': 'broken',
    'FS-15': 'holds',
  });
}, 60_000);

test('an engine’s socket is found wherever it is mounted, and none is handed to a dummy', async () => {
  const at = (path: string) => `${lab.folder}/${path}`;
  const paths = ['run/docker.sock', 'blank/x/docker.sock', 'deep/a/b/c/d/docker.sock'].map(at);
  // nobody's but this test's
  const servers = await Promise.all(
    paths.map(async (path) => {
      await mkdir(dirname(path), { recursive: true });
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(path, resolve));
      return server;
    }),
  );
  try {
    await mkdir(at('data'));
    await symlink(at('run/docker.sock'), at('innocent'));
    const { rootDir } = await lab.engine.info();
    const bound = (name: string, ...Binds: string[]) => of(name, { HostConfig: { Binds } });
    const [writable, blank, deep, link, own, data] = await Promise.all([
      bound('writable', `${at('run')}:/srv/api`),
      bound('blank', `${at('blank')}:/srv/my api:ro`),
      bound('deep', `${at('deep')}:/srv/deep:ro`),
      bound('link', `${at('innocent')}:/srv/innocent:ro`),
      bound('engine', `${rootDir}/volumes:/srv/volumes:ro`),
      bound('data', `${at('data')}:/srv/data`, `${at('data')}:/srv/read:ro`),
    ]);
    const sockets = ['FS-03', 'FS-05'];
    const probed = await Promise.all([writable, blank, deep, link, data].map((id) => states(id, sockets)));
    expect(probed.map((one) => one.states)).toEqual([
      { 'FS-03': 'broken', 'FS-05': 'broken' },
      { 'FS-03': 'broken', 'FS-05': 'holds' },
      { 'FS-03': 'broken', 'FS-05': 'holds' },
      // its name says nothing, and nobody asks it
      { 'FS-03': 'inconclusive', 'FS-05': 'holds' },
      { 'FS-03': 'holds', 'FS-05': 'holds' },
    ]);
    expect(probed[0]?.evidence['FS-03']).toMatch(/^there is \/srv\/api\/docker\.sock/);
    expect(probed[4]?.evidence['FS-03']).toMatch(/; in \/srv\/data only its usual places were looked at, and not what lies deeper/);
    expect((await states(writable, sockets, { mounts: ['/srv/api'] })).states).toEqual({ 'FS-03': 'holds', 'FS-05': 'holds' });
    const [linked, volumes] = await Promise.all([lab.probe(link, ['FS-03']), lab.probe(own, ['FS-03'])]);
    expect(linked.notes).toContain('nothing is mounted at /srv/innocent: it is a socket');
    expect(volumes.notes).toContainEqual(
      expect.stringMatching(/^nothing is mounted at \/srv\/volumes: .* holds what is the engine's own$/),
    );
  } finally {
    for (const server of servers) server.close();
  }
}, 60_000);

test('a folder that its user may write is found wherever it lies in the root', async () => {
  const closed = 'chmod 755 /tmp /var/tmp /run /var/run 2>/dev/null; mkdir -p /opt/app/bin /opt/app/data';
  const images: string[] = [];
  const made = async (name: string, script: string) => {
    const maker = await of(`${name}-maker`, { User: '0:0' });
    await lab.shell(maker, `${closed}; ${script}`);
    const user = ['USER 65534:65534', 'ENV PATH=/opt/app/bin:/usr/bin:/bin', `LABEL pitwall.test="${lab.mark}"`];
    const image = await lab.engine.commit(maker, { changes: user });
    images.push(image);
    return states(await of(`${name}-folder`, { Image: image }), ['FS-01', 'FS-02', 'FS-17']);
  };
  try {
    const all = await allDone([
      made('shut', 'true'),
      made('path', 'chmod 777 /opt/app/bin'),
      made('blank', "mkdir -p '/opt/app/my data'; chown 65534 '/opt/app/my data'"),
      // its group may write them, and it itself may not: a search by mode finds more of them than it tries
      made('many', 'for i in $(seq 70); do mkdir /opt/app/$i; chown 65534:65534 /opt/app/$i; chmod 570 /opt/app/$i; done'),
    ]);
    expect(all.map((one) => one.states)).toEqual([
      { 'FS-01': 'holds', 'FS-02': 'holds', 'FS-17': 'holds' },
      { 'FS-01': 'broken', 'FS-02': 'broken', 'FS-17': 'broken' },
      { 'FS-01': 'broken', 'FS-02': 'broken', 'FS-17': 'holds' },
      { 'FS-01': 'inconclusive', 'FS-02': 'inconclusive', 'FS-17': 'holds' },
    ]);
    expect(all[1]?.evidence['FS-17']).toMatch(/its user may write \/opt\/app\/bin\//);
  } finally {
    for (const { id } of await lab.engine.list({ all: true, labels: [`pitwall.test=${lab.mark}`] }))
      await lab.engine.remove(id, { force: true });
    for (const image of images) await lab.engine.removeImage(image);
  }
}, 60_000);
