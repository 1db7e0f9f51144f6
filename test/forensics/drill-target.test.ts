import { afterAll, beforeAll, expect, test } from 'vitest';
import { putFiles, readTools } from '../../src/container/clone/tools.ts';
import { ownLabels } from '../../src/container/own.ts';
import type { Freezer } from '../../src/domain/evidence.ts';
import { newCanaries } from '../../src/drills/forensic-freeze/canaries.ts';
import { canaryHandler } from '../../src/drills/forensic-freeze/canary-change.ts';
import { forensicFreeze } from '../../src/drills/forensic-freeze/index.ts';
import { canaryKinds } from '../../src/drills/forensic-freeze/params.ts';
import { plant, tmpfsOf } from '../../src/drills/forensic-freeze/plant.ts';
import { realClock } from '../checks/scope.ts';
import { type DrillLab, openDrillLab } from './drill-lab.ts';

let lab: DrillLab;
beforeAll(async () => {
  lab = await openDrillLab('drill-target');
});
afterAll(() => lab.close());

// a first process that reaps nobody, as many are
const idle = ['sleep', '600'];
const never = new AbortController().signal;

/** What is in the container but its own sleep: processes, zombies included, and files that were not there. */
async function strangers(id: string): Promise<string[]> {
  const { stdout } = await lab.engine.exec(id, ['sh', '-c', 'exec ps -o pid,stat,args; :']);
  const processes = stdout
    .split('\n')
    .slice(1)
    .filter((line) => line !== '' && !/^\s*1 |ps -o/.test(line));
  const files = (await lab.engine.changes(id)).filter(({ kind }) => kind !== 'modified').map(({ path }) => path);
  const shm = (await lab.engine.exec(id, ['ls', '-A', '/dev/shm', '/tmp'])).stdout;
  return [...processes, ...files, ...shm.split('\n').filter((line) => line.includes('pwc'))];
}

test('the target goes on without its canaries: no process, no zombie, no file', async () => {
  const id = await lab.lab.run('service', { Cmd: idle, User: '1000' });
  const seen = await lab.practise(forensicFreeze, [await lab.target(id)], { on: 'target' });
  expect(seen.error).toBeNull();
  expect(seen.findings.filter(({ state }) => state !== 'holds')).toEqual([]);
  expect(seen.measured).toMatchObject({ canaries_found: 6, downtime: expect.any(Number) });
  expect(await strangers(id)).toEqual([]);
  expect((await lab.engine.inspect(id)).State).toMatchObject({ Running: true, Paused: false });
  expect(lab.store.journal.openChanges({ runId: seen.runId })).toEqual([]);
  expect(seen.events).toContain('undo: the canaries were taken out again');
  expect(await lab.left()).toEqual([]);
});

test('canaries are taken out as well when the freeze fails, and when it is aborted', async () => {
  const id = await lab.lab.run('unlucky', { Cmd: idle });
  const freezer = (): Freezer => ({ freeze: () => Promise.reject(new Error('no')) });
  const failed = await lab.practise(forensicFreeze, [await lab.target(id)], { on: 'target' }, { freezer });
  expect(failed.error).toMatchObject({ message: 'no' });
  expect(await strangers(id)).toEqual([]);
  const abort = new AbortController();
  const onEvent = (type: string) => type === 'canaries' && abort.abort(new Error('halt'));
  const aborted = await lab.practise(forensicFreeze, [await lab.target(id)], { on: 'target' }, { signal: abort.signal, onEvent });
  expect(aborted.error).toMatchObject({ message: 'halt' });
  expect(aborted.results).toEqual([]);
  expect(await strangers(id)).toEqual([]);
});

test('a process that was killed leaves them to the next start; a frozen target keeps them until it goes on', async () => {
  const id = await lab.lab.run('crashed', { Cmd: idle });
  const inspect = await lab.engine.inspect(id);
  const canaries = newCanaries(canaryKinds);
  const folder = `/.pitwall-${canaries.token}`;
  const ground = { id, name: 'crashed', tool: `${folder}/busybox`, changed: null, tmpfs: tmpfsOf(inspect) };
  const data = { id, token: canaries.token, folder, tool: ground.tool, tmpfs: ground.tmpfs };
  const record = {
    id: 1,
    runId: 'x',
    engine: 'local',
    engineId: '',
    kind: 'canary',
    target: 'crashed',
    data,
    state: 'open',
    step: null,
  } as const;
  const reconcile = () => canaryHandler.reconcile(record, { engine: lab.engine, clock: realClock, signal: never });
  expect(await reconcile()).toMatchObject({ state: 'undone' });
  const labels = ownLabels({ runId: 'x', role: 'scratch', instance: lab.store.instanceId, expiresAt: Date.now() + 60_000 });
  const busybox = await readTools(lab.engine, { helperImage: lab.image.reference, labels });
  await putFiles(lab.engine, id, '/', [{ path: ground.tool.slice(1), content: busybox }]);
  const planted = await plant(lab.engine, ground, canaries, { lifeMs: 300_000, clock: realClock, signal: never });
  expect([...planted.kinds].toSorted()).toEqual([...canaryKinds].toSorted());
  expect((await strangers(id)).length).toBeGreaterThan(8);
  await lab.engine.pause(id);
  expect(await reconcile()).toMatchObject({
    state: 'residue',
    residue: [expect.stringMatching(/frozen: resume it, then run: pitwall recover/)],
  });
  await lab.engine.unpause(id);
  expect(await reconcile()).toEqual({ state: 'undone', note: 'the canaries were taken out again' });
  expect(await strangers(id)).toEqual([]);
  expect(await reconcile()).toMatchObject({ state: 'undone' });
  await lab.engine.remove(id, { force: true });
  expect(await reconcile()).toMatchObject({ state: 'undone', note: expect.stringContaining('gone') });
});

test('canaries end by themselves, and their files with them', async () => {
  const id = await lab.lab.run('expiring', { Cmd: idle });
  const canaries = newCanaries(canaryKinds);
  const tool = `/.pitwall-${canaries.token}/busybox`;
  const labels = ownLabels({ runId: 'x', role: 'scratch', instance: lab.store.instanceId, expiresAt: Date.now() + 60_000 });
  const busybox = await readTools(lab.engine, { helperImage: lab.image.reference, labels });
  await putFiles(lab.engine, id, '/', [{ path: tool.slice(1), content: busybox }]);
  await plant(lab.engine, { id, name: 'expiring', tool, changed: null, tmpfs: ['/dev/shm'] }, canaries, {
    lifeMs: 2e3,
    clock: realClock,
    signal: never,
  });
  while ((await strangers(id)).some((line) => !line.startsWith('/.pitwall-'))) await realClock.sleep(200);
  expect(await strangers(id)).toEqual([`/.pitwall-${canaries.token}`, tool]);
});

test('replaced, the original keeps its canaries as evidence, and the fresh one has none', async () => {
  const id = await lab.lab.run('replaced', { Cmd: idle });
  const name = `${lab.lab.mark}-replaced`;
  const seen = await lab.practise(forensicFreeze, [await lab.target(id)], { on: 'target', disposition: 'replace' });
  expect(seen.error).toBeNull();
  expect(seen.findings.filter(({ state }) => state !== 'holds')).toEqual([]);
  const fresh = await lab.engine.inspect(name);
  expect(fresh.Id).not.toBe(id);
  expect(await strangers(fresh.Id)).toEqual([]);
  expect((await lab.engine.inspect(id)).State.Paused).toBe(true);
  expect(lab.store.journal.openChanges({ runId: seen.runId })).toEqual([]);
  expect(seen.results[0]?.evidence.hold).toMatchObject({ onExpiry: 'kill' });
  await lab.engine.unpause(id);
});

test('a target that cannot be written to is refused before anything is done', async () => {
  const id = await lab.lab.run('read-only', { Cmd: idle, HostConfig: { ReadonlyRootfs: true } });
  const refused = lab.practise(forensicFreeze, [await lab.target(id)], { on: 'target' });
  await expect(refused).rejects.toMatchObject({ code: 'read_only_target', exitCode: 4 });
});
