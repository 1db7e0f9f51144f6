import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreateBody } from '../../src/domain/engine/containers.ts';
import { catalogue } from '../../src/probes/catalogue.ts';
import type { Allowed } from '../../src/probes/probe.ts';
import { fixture } from '../helper/lab.ts';
import { openProbeLab, type ProbeLab } from './lab.ts';

const ids = catalogue.filter(({ group }) => group === 'privilege').map(({ id }) => id);
const idle = { Cmd: ['sleep', '300'] };

let lab: ProbeLab;
/** Of the fixture, with an empty root password, a setuid file and a second name for root. */
let poor: string;
/** What the engine confines with beside seccomp. */
let hasModule: boolean;

beforeAll(async () => {
  lab = await openProbeLab('privilege');
  const maker = await lab.run('maker', idle);
  await lab.shell(
    maker,
    'echo root::1:0:99999:7::: > /etc/shadow; chmod 600 /etc/shadow; : > /tool; chmod 4755 /tool; echo toor:x:0:0::/:/bin/sh >> /etc/passwd',
  );
  poor = await lab.engine.commit(maker, { changes: [] });
  hasModule = (await lab.engine.info()).securityOptions.some((option) => /name=(apparmor|selinux)/.test(option));
}, 60_000);
afterAll(async () => {
  for (const { id } of await lab.engine.list({ all: true, labels: [`pitwall.test=${lab.mark}`] }))
    await lab.engine.remove(id, { force: true });
  await lab.engine.removeImage(poor);
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

/** Created and never started. */
async function declared(name: string, body: Partial<CreateBody>): Promise<string> {
  const { id } = await lab.engine.create(`${lab.mark}-${name}`, { Image: fixture, ...idle, ...body, Labels: lab.labels });
  return id;
}

test('every one of them is seen red where its weakness is planted, or says why that cannot be here', async () => {
  const tested = await lab.selfTest(ids);
  const others = Object.fromEntries(
    [...tested].filter(([, { outcome }]) => outcome !== 'red').map(([id, { outcome, reason }]) => [id, `${outcome}: ${reason}`]),
  );
  const expected = { 'PRV-16': expect.stringMatching(/^untested: an exec is done/) };
  const module = hasModule ? {} : { 'PRV-13': expect.stringMatching(/^untested: .*neither AppArmor nor SELinux/) };
  // a host that lacks the capability itself cannot give it
  const resources = 'PRV-18' in others ? { 'PRV-18': expect.stringMatching(/^untested: this host cannot have .*CAP_SYS_RESOURCE/) } : {};
  expect(others).toEqual({ ...expected, ...module, ...resources });
}, 60_000);

test('three containers, as the table says', async () => {
  const hardened = await lab.run('hardened', {
    ...idle,
    User: '65534:65534',
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      NetworkMode: 'none',
      Memory: 64e6,
      PidsLimit: 64,
    },
  });
  const plain = await lab.run('plain', idle);
  const weak = await lab.run('weak', {
    ...idle,
    Image: poor,
    User: '0:0',
    HostConfig: {
      CapAdd: ['SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN', 'SYSLOG'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
      PidMode: 'host',
      IpcMode: 'host',
      UTSMode: 'host',
    },
  });
  await createPrivilegedExec(weak);
  const confined = hasModule ? 'holds' : 'not-applicable';
  //                     hardened         default           weak
  const table: Record<string, readonly [string, string, string]> = {
    'PRV-01': ['holds', 'holds', 'broken'],
    'PRV-02': ['holds', 'holds', 'broken'],
    'PRV-03': ['holds', 'broken', 'broken'],
    'PRV-04': ['holds', 'holds', 'broken'],
    'PRV-05': ['holds', 'holds', 'broken'],
    'PRV-06': ['holds', 'holds', 'broken'],
    // it has four capabilities more, not all: that is PRV-01
    'PRV-07': ['holds', 'holds', 'holds'],
    'PRV-08': ['holds', 'broken', 'broken'],
    // the engine remaps nobody, and no container can change that
    'PRV-09': ['broken', 'broken', 'broken'],
    'PRV-10': ['holds', 'holds', 'broken'],
    'PRV-11': ['holds', 'holds', 'broken'],
    // Docker's default capabilities let it
    'PRV-12': ['holds', 'broken', 'broken'],
    'PRV-13': [confined, confined, hasModule ? 'broken' : 'not-applicable'],
    'PRV-14': ['holds', 'holds', 'broken'],
    'PRV-15': ['holds', 'holds', 'broken'],
    'PRV-16': ['holds', 'holds', 'broken'],
    // the image has no /etc/shadow; the weak one's has an empty password
    'PRV-17': ['not-applicable', 'not-applicable', 'broken'],
    // CAP_SYS_RESOURCE is not among those of the weak one: not every host has it to give
    'PRV-18': ['holds', 'holds', 'holds'],
  };
  expect(Object.keys(table)).toEqual(ids);
  const column = (index: number) => Object.fromEntries(Object.entries(table).map(([id, row]) => [id, row[index]]));
  const all = await Promise.all([hardened, plain, weak].map((id) => states(id)));
  expect(all.map((one) => one.states)).toEqual([column(0), column(1), column(2)]);
  // with the host's processes around it, the host's first is not taken for its own
  expect(all.map((one) => one.disagreements)).toEqual([[], [], []]);

  const beside = await lab.run('beside', { ...idle, HostConfig: { PidMode: `container:${weak}` } });
  expect((await states(beside, ['PRV-14'])).states).toEqual({ 'PRV-14': 'broken' });
}, 60_000);

test('none holds for a reason of its own', async () => {
  const allows = JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW' });
  const without = (...syscalls: readonly object[]) =>
    JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: syscalls.map((syscall) => ({ action: 'SCMP_ACT_ERRNO', ...syscall })) });
  const namespace = (flag: number) => ({ names: ['unshare'], args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }] });
  const [user, pid, net] = [namespace(0x1000_0000), namespace(0x2000_0000), namespace(0x4000_0000)];
  const of = (name: string, body: Partial<CreateBody>) => lab.run(name, { ...idle, ...body });
  const [open, partial, remount, granted, toor, grouped, shadow, locked] = await Promise.all([
    of('open', { User: '65534:65534', HostConfig: { SecurityOpt: [`seccomp=${allows}`] } }),
    of('partial', { User: '65534:65534', HostConfig: { SecurityOpt: [`seccomp=${without(user)}`] } }),
    of('remount', { HostConfig: { CapAdd: ['SYS_ADMIN'], SecurityOpt: [`seccomp=${without({ names: ['mount'] }, pid, net)}`] } }),
    of('granted', { User: '65534:65534', HostConfig: { CapAdd: ['SYS_PTRACE'] } }),
    of('toor', { Image: poor, User: 'toor' }),
    of('grouped', { User: '65534:65534', HostConfig: { GroupAdd: ['0'] } }),
    of('shadow', { Image: poor, User: '65534:65534' }),
    of('locked', { Image: poor, User: '65534:65534', HostConfig: { SecurityOpt: ['no-new-privileges'] } }),
  ]);
  const [narrow, strict] = await Promise.all([
    of('narrow', { User: '65534:65534', HostConfig: { SecurityOpt: [`seccomp=${without({ names: ['unshare'] })}`] } }),
    of('strict', { User: '65534:65534', HostConfig: { SecurityOpt: [`seccomp=${without({ names: ['unshare', 'setns', 'mount'] })}`] } }),
  ]);
  const bare = await of('bare', { User: '65534:65534', HostConfig: { CapDrop: ['ALL'] } });
  const [openly, partly, remounted, given, second, withGroup, unread, both, dropped, narrowly, strictly] = await Promise.all([
    states(open, ['PRV-04']),
    states(partial, ['PRV-04']),
    states(remount, ['PRV-06']),
    states(granted, ['PRV-01', 'PRV-02']),
    states(toor, ['PRV-08']),
    states(grouped, ['PRV-08', 'PRV-10']),
    states(shadow, ['PRV-10', 'PRV-17']),
    states(locked, ['PRV-10', 'PRV-17']),
    states(bare, ['PRV-10']),
    states(narrow, ['PRV-04']),
    states(strict, ['PRV-04']),
  ]);
  // a filter that lets everything through is in force, and filters nothing
  expect(['broken', 'inconclusive']).toContain(openly.states['PRV-04']);
  // refused, but the call as such is not: what refuses is not known to be the filter
  expect(partly.states).toEqual({ 'PRV-04': 'inconclusive' });
  // one call is refused, and all others are not
  expect(narrowly).toMatchObject({
    states: { 'PRV-04': 'inconclusive' },
    evidence: { 'PRV-04': expect.stringMatching(/lets setns and mount through/) },
  });
  expect(strictly).toMatchObject({ states: { 'PRV-04': 'holds' }, evidence: { 'PRV-04': expect.stringMatching(/a profile of its own/) } });
  // the namespace was made, and only what the program then does in it fails
  expect(remounted.states).toEqual({ 'PRV-06': 'broken' });
  // not in use, and yet there for a setuid file to give
  expect(given.states).toEqual({ 'PRV-01': 'holds', 'PRV-02': 'broken' });
  expect(second).toMatchObject({ states: { 'PRV-08': 'broken' }, disagreements: ['PRV-08'] });
  // a file without the bits may have capabilities, which its user would get
  expect(withGroup.states).toEqual({ 'PRV-08': 'broken', 'PRV-10': 'inconclusive' });
  expect(dropped).toMatchObject({
    states: { 'PRV-10': 'holds' },
    evidence: { 'PRV-10': expect.stringContaining('bounding set is empty') },
  });
  expect(unread.states).toEqual({ 'PRV-10': 'broken', 'PRV-17': 'inconclusive' });
  expect(both.states).toEqual({ 'PRV-10': 'holds', 'PRV-17': 'holds' });
  expect(both.evidence['PRV-10']).toMatch(/no_new_privs makes them harmless: 1 such files: \/tool/);
}, 60_000);

test('what a drill allows holds, and what it does not name is broken', async () => {
  const plain = await lab.run('allowed', idle);
  expect((await states(plain, ['PRV-01', 'PRV-08', 'PRV-12'], { capabilities: ['SYS_CHROOT', 'cap_chown'], user: 'any' })).states).toEqual({
    'PRV-01': 'broken',
    'PRV-08': 'holds',
    'PRV-12': 'holds',
  });
  expect((await states(plain, ['PRV-08'], { user: ['0'] })).states).toEqual({ 'PRV-08': 'holds' });
  const other = await lab.run('other', { ...idle, User: '65534:65534' });
  expect((await states(other, ['PRV-08'], { user: ['1000'] })).states).toEqual({ 'PRV-08': 'broken' });
}, 60_000);

test('of one that never ran the API is asked, and a privileged one is not attempted', async () => {
  const made = await declared('declared', { User: '65534:65534' });
  expect((await states(made, ['PRV-04', 'PRV-07', 'PRV-14', 'PRV-15', 'PRV-16'])).states).toEqual({
    'PRV-04': 'holds',
    'PRV-07': 'holds',
    'PRV-14': 'holds',
    'PRV-15': 'holds',
    'PRV-16': 'not-applicable',
  });
  const strong = await declared('strong', { HostConfig: { Privileged: true, PidMode: 'host', IpcMode: 'host' } });
  expect((await states(strong)).states).toMatchObject({
    'PRV-04': 'broken',
    'PRV-05': 'broken',
    'PRV-06': 'broken',
    'PRV-07': 'broken',
    // what only a process of its own could say
    'PRV-01': 'inconclusive',
    'PRV-03': 'inconclusive',
    'PRV-14': 'broken',
    'PRV-15': 'broken',
  });
}, 60_000);

/** Made and never started: it does nothing, and is known to the engine all the same. */
async function createPrivilegedExec(container: string): Promise<void> {
  const host = new URL(process.env.DOCKER_HOST ?? '');
  const body = JSON.stringify({ Cmd: ['true'], Privileged: true });
  const status = await new Promise((resolve, reject) => {
    const call = request({
      ...(host.protocol === 'unix:' ? { socketPath: host.pathname } : { host: host.hostname, port: host.port }),
      path: `/containers/${container}/exec`,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    call.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.on('error', reject);
    call.end(body);
  });
  expect(status).toBe(201);
}
