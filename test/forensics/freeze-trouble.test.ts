import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CaseDetail, CaseVerification, Pruned } from '../../src/forensics/service.ts';
import { docker } from '../support/containers.ts';
import { cutSocket } from '../support/cut-socket.ts';
import { openOciLab } from './oci-lab.ts';
import { type FreezeLab, freezeLab, idle, stateOf } from './support.ts';

const verify = async ({ home }: FreezeLab, id: string) =>
  JSON.parse((await home.call('evidence', 'verify', id, '--json')).stdout) as CaseVerification;

test('the registry is down, then breaks off a push, then is there: kept, said, and pushed by serve', async () => {
  await using lab = freezeLab();
  const { box, home, freeze } = lab;
  await box.runPlain('web', '--', ...idle);
  // accepts, and says nothing until its caller is gone
  let asked: () => void = () => undefined;
  const wasAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const silent = createServer(() => asked());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  home.file('pitwall.yaml', `registry: { url: "http://127.0.0.1:${port}", repository: evidence }\napi: { port: 0 }\n`);
  const killed = home.start('freeze', box.name('web'), '--disposition', 'resume', '--json');
  await wasAsked;
  await expect.poll(() => lab.cases()[0]?.sealedAt ?? null, { timeout: 30_000, interval: 20 }).not.toBeNull();
  killed.child.kill('SIGKILL');
  await killed.ended;
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
  expect((await home.call('recover')).exitCode).toBe(0);
  expect(lab.cases()[0]).toMatchObject({ state: 'whole', push: { state: 'pending' }, hold: { ending: 'resumed' } });

  const down = await freeze(box.name('web'), '--disposition', 'resume');
  expect([down.exitCode, down.cases[0]?.state, down.cases[0]?.push.state]).toEqual([0, 'whole', 'pending']);
  expect(down.stderr).toMatch(/warning: not pushed to the registry yet, kept here: .*127\.0\.0\.1/);
  expect((await home.call('evidence', 'list')).stdout).toContain('pending');
  expect((await verify(lab, down.cases[0]?.id ?? '')).ok).toBe(true);

  await using oci = await openOciLab();
  home.file('pitwall.yaml', `registry: { url: "${oci.access.url}", repository: evidence }\napi: { port: 0 }\n`);
  const serve = home.start('serve');
  await expect.poll(() => lab.cases().map(({ push }) => push.state), { timeout: 60_000, interval: 200 }).toEqual(['pushed', 'pushed']);
  serve.child.kill('SIGTERM');
  expect((await serve.ended).exitCode).toBe(0);
  for (const { id, push } of lab.cases()) {
    expect(push.reference).toContain(id.toLowerCase());
    expect(await verify(lab, id)).toMatchObject({ ok: true, notes: [] });
  }
  await lab.consistent();
}, 120_000);

test.for([
  ['keep', 'paused'],
  ['resume', 'running'],
] as const)(
  'SIGINT while it is captured, %s: aborted, sealed as partial, and the container is %s',
  { timeout: 120_000 },
  async ([disposition, state]) => {
    await using lab = freezeLab();
    const { box, home } = lab;
    // memory enough that it takes its time
    await box.runPlain(
      'web',
      '--tmpfs',
      '/big',
      '--',
      'sh',
      '-c',
      'dd if=/dev/urandom of=/big/file bs=1M count=300 2>/dev/null; while :; do sleep 3600; done',
    );
    await expect
      .poll(() => docker('exec', box.name('web'), 'stat', '-c', '%s', '/big/file').catch(String), { timeout: 30_000 })
      .toBe(String(300 << 20));
    const freezing = home.start('freeze', box.name('web'), '--disposition', disposition);
    await freezing.saw(/frozen, and read back/);
    freezing.child.kill('SIGINT');
    const { exitCode, record, stderr, cases } = lab.lastOf(await freezing.ended);
    expect([exitCode, record.verdict, cases[0]?.state, cases[0]?.seal]).toEqual([4, 'aborted', 'partial', 'unknown']);
    expect(stderr).toContain('SIGINT: stopping');
    expect(record.reason).toContain('stopped by SIGINT');
    expect(await stateOf(box.name('web'))).toBe(state);
    expect(await verify(lab, cases[0]?.id ?? '')).toMatchObject({ ok: true });
    await lab.consistent();
  },
);

test.for([
  ['keep', 'paused'],
  ['resume', 'running'],
] as const)(
  'the engine is cut off while it captures and comes back, %s: nothing is lost, and the container is %s',
  { timeout: 120_000 },
  async ([disposition, state]) => {
    await using socket = await cutSocket();
    await using lab = freezeLab({ DOCKER_HOST: socket.host });
    const { box, home } = lab;
    await box.runPlain('web', '--', ...idle);
    const committing = socket.saw('POST /v');
    void committing;
    const commit = socket.saw('/commit?');
    const freezing = home.start('freeze', box.name('web'), '--disposition', disposition);
    await commit;
    await socket.cut();
    await freezing.saw(/disk: missing/);
    await socket.mend();
    const { exitCode, record, cases } = lab.lastOf(await freezing.ended);
    // lost when it was let go: settled when it was back
    expect([3, 6]).toContain(exitCode);
    expect(record.verdict).toBe(exitCode === 3 ? 'inconclusive' : 'error');
    expect(cases[0]).toMatchObject({ state: 'partial' });
    expect(await stateOf(box.name('web'))).toBe(state);
    expect(await verify(lab, cases[0]?.id ?? '')).toMatchObject({ ok: true });
    await lab.consistent();
  },
);

test('a container that was made to hurt is captured whole, and no name or link of it leads anywhere', async () => {
  await using lab = freezeLab();
  const { box, home, freeze } = lab;
  const evil = [
    'mkdir -p /layer /run/t; cd /run/t',
    'ln -s /etc/shadow shadow; ln -s / root; ln -s /run/t/loop loop; ln -s ../../../../../../etc up',
    String.raw`n="$(printf 'a\nb\033[2J\001\377')"; echo x > "$n"; mkdir "$n.d"; echo y > "/layer/$n"; ln -s /etc/shadow "/layer/link$n"`,
    'mkfifo fifo; mknod null c 1 3 || true',
    'i=0; while [ $i -lt 50000 ]; do : > /layer/f$i; i=$((i+1)); done',
    'cp /bin/busybox "/run/t/busybox$n"; "/run/t/busybox$n" sleep 3600 & echo ready; wait',
  ].join('\n');
  await box.runPlain('evil', '--tmpfs', '/run/t:exec', '--', 'sh', '-c', evil);
  await expect.poll(() => docker('logs', box.name('evil')), { timeout: 60_000, interval: 200 }).toBe('ready');
  const { exitCode, record, cases } = await freeze(box.name('evil'), '--disposition', 'resume');
  expect([record.reason, exitCode]).toEqual([`frozen and captured whole: ${box.name('evil')} resumed`, 0]);
  const [one] = cases;
  expect(one).toMatchObject({ state: 'whole', seal: 'intact' });
  expect(await verify(lab, one?.id ?? '')).toMatchObject({ ok: true });
  const text = (await home.call('evidence', 'show', one?.id ?? '')).stdout;
  // none of them may reach a terminal
  expect(text).not.toMatch(/[^\P{Cc}\t\n]/u);
  const detail = JSON.parse((await home.call('evidence', 'show', one?.id ?? '', '--json')).stdout) as CaseDetail;
  expect(detail.files.length).toBeGreaterThanOrEqual(50_000);
  expect((await home.call('evidence', 'export', one?.id ?? '', '--out', 'evil.tar')).exitCode).toBe(0);
  const shadow = readFileSync('/etc/shadow', 'utf8').split('\n')[0] ?? '';
  const tmpfs = readdirSync(join(home.home, 'evidence', one?.id ?? '', 'files/tmpfs'));
  for (const tar of tmpfs) {
    const path = join(home.home, 'evidence', one?.id ?? '', 'files/tmpfs', tar);
    expect(readFileSync(path).includes(shadow)).toBe(false);
    execFileSync('tar', ['-tf', path]);
  }
  await lab.consistent();
}, 180_000);

/** A small disk of its own; only root can mount one. */
function smallDisk(at: string, size: string): Disposable {
  mkdirSync(at, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', at]);
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', at]) };
}
const root = process.getuid?.() === 0;

test.runIf(root).for([
  ['8m', 'keep', 'paused'],
  ['8m', 'resume', 'running'],
  ['200k', 'resume', 'running'],
  ['16k', 'keep', 'paused'],
] as const)(
  'the disk of the evidence is full at %s, %s: an honest partial, and the container is %s',
  { timeout: 120_000 },
  async ([size, disposition, state]) => {
    await using lab = freezeLab();
    const { box, home, freeze } = lab;
    await box.runPlain(
      'web',
      '--',
      'sh',
      '-c',
      'x=$(head -c 9000000 /dev/urandom | base64); dd if=/dev/urandom of=/file bs=1M count=12 2>/dev/null; echo ready; while :; do sleep 3600; done',
    );
    await expect.poll(() => docker('logs', box.name('web')), { timeout: 60_000, interval: 100 }).toBe('ready');
    using _disk = smallDisk(join(home.home, 'evidence'), size);
    const { exitCode, record, cases } = await freeze(box.name('web'), '--disposition', disposition);
    expect([
      [1, 'failed'],
      [3, 'inconclusive'],
    ]).toContainEqual([exitCode, record.verdict]);
    expect(record.reason).toMatch(/full|no space/i);
    expect(cases[0]?.state).toBe('partial');
    expect(await stateOf(box.name('web'))).toBe(state);
    await lab.consistent();
    const folder = join(home.home, 'evidence', cases[0]?.id ?? '');
    const found = await verify(lab, cases[0]?.id ?? '').catch(() => null);
    // signed as far as there was room to sign it, or plainly not verified: never a whole one that is not
    if (existsSync(join(folder, 'files/manifest.json')) && found?.ok) {
      const manifest = JSON.parse(readFileSync(join(folder, 'files/manifest.json'), 'utf8')) as { coverage: { state: string }[] };
      expect(manifest.coverage.some((item) => item.state === 'missing' || item.state === 'partial')).toBe(true);
    } else expect(exitCode).toBe(1);
  },
);

test('the folder of the evidence cannot be written: exit 1, said, and the container is dealt with as asked', async () => {
  await using lab = freezeLab();
  const { box, home, freeze } = lab;
  await box.runPlain('web', '--', ...idle);
  // for root, too
  home.file('evidence', 'a file in its place');
  const resumed = await freeze(box.name('web'), '--disposition', 'resume');
  expect([resumed.exitCode, resumed.record.verdict]).toEqual([1, 'failed']);
  expect(resumed.record.reason).toMatch(new RegExp(`^no evidence of ${box.name('web')} could be written: .*evidence`));
  expect(await stateOf(box.name('web'))).toBe('running');
  const kept = await freeze(box.name('web'));
  expect(kept.exitCode).toBe(1);
  expect(await stateOf(box.name('web'))).toBe('paused');
  expect(kept.cases[0]).toMatchObject({ state: 'partial', coverage: 0, hold: { state: 'held' } });
  for (const args of [['verify'], ['export', '--out', 'none.tar']]) {
    const answer = await home.call('evidence', ...args, kept.cases[0]?.id ?? '');
    expect([args, answer.exitCode]).toEqual([args, 1]);
    expect(answer.stderr).toMatch(/^error: nothing of ev_\w+ is in .*evidence: it could not be written, or somebody removed it/);
  }
  await lab.consistent();
}, 60_000);

test('what is asked of evidence that is not there, is pruned, or is in the way', async () => {
  await using lab = freezeLab();
  const { box, home, freeze } = lab;
  for (const name of ['old', 'held']) await box.runPlain(name, '--', ...idle);
  for (const [args, message] of [
    [['show', 'ev_none'], /^error: there is no evidence ev_none\ntry: pitwall evidence list/],
    [['verify', 'nowhere.tar'], /^error: there is no evidence nowhere\.tar/],
    [['export', 'ev_none', '--out', 'x.tar'], /^error: there is no evidence ev_none/],
    [['open', 'ev_none', '--', 'true'], /^error: there is no evidence ev_none/],
    [['prune'], /^error: say what may go/],
    [['prune', '--older-than', 'yesterday'], /--older-than yesterday/],
  ] as const) {
    const answer = await home.call('evidence', ...args);
    expect([args, answer.exitCode]).toEqual([args, 2]);
    expect(answer.stderr).toMatch(message);
  }
  const [old, held] = [
    await freeze(box.name('old'), '--disposition', 'resume', '--memory', 'off'),
    await freeze(box.name('held'), '--memory', 'off'),
  ];
  const [gone, kept] = [old.cases[0]?.id ?? '', held.cases[0]?.id ?? ''];
  const there = home.file('there.tar', 'mine');
  const inTheWay = await home.call('evidence', 'export', kept, '--out', there);
  expect(inTheWay.exitCode).toBe(2);
  expect(inTheWay.stderr).toContain('there.tar');
  expect(readFileSync(there, 'utf8')).toBe('mine');

  const dry = JSON.parse((await home.call('evidence', 'prune', '--keep-bytes', '1B', '--dry-run', '--json')).stdout) as Pruned;
  expect([dry.removed.map(({ id }) => id), dry.kept.map(({ id }) => id)]).toEqual([[gone], [kept]]);
  const pruned = JSON.parse((await home.call('evidence', 'prune', '--keep-bytes', '1B', '--json')).stdout) as Pruned;
  expect([pruned.removed.map(({ id }) => id), pruned.kept]).toEqual([
    [gone],
    [{ id: kept, reason: 'its container is still held, and this is the only copy' }],
  ]);
  expect(existsSync(join(home.home, 'evidence', gone))).toBe(false);
  expect(await docker('images', '-q', '--filter', `label=pitwall.evidence=${gone}`)).toBe('');
  expect(await verify(lab, kept)).toMatchObject({ ok: true });

  const shown = JSON.parse((await home.call('evidence', 'show', gone, '--json')).stdout) as CaseDetail;
  expect(shown.evidence).toMatchObject({ state: 'pruned', prunedAt: expect.any(Number) });
  for (const args of [
    ['verify', gone],
    ['export', gone, '--out', 'gone.tar'],
    ['open', gone, '--', 'true'],
  ]) {
    const answer = await home.call('evidence', ...args);
    expect([args[0], answer.exitCode]).toEqual([args[0], 1]);
    expect(answer.stderr).toMatch(/removed|not on engine/);
  }
  expect(existsSync(join(home.home, 'gone.tar'))).toBe(false);
  writeFileSync(there, 'still mine');
  await lab.consistent();
}, 90_000);
