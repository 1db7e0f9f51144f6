import { link, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  backup,
  type Delivery,
  deliver,
  deliverSchema,
  forget,
  lookAtDelivery,
  proveNew,
  restore,
  tell,
} from '../../src/drills/secret-rotation/deliver/index.ts';
import { memoryJournal } from '../recreate/support/memory-journal.ts';
import { docker } from '../support/containers.ts';
import { type DeliveryLab, faceOf, fresh, namesIn, openDeliveryLab, path } from './deliver-lab.ts';

let lab: DeliveryLab;
beforeAll(async () => {
  lab = await openDeliveryLab('deliver');
});
afterAll(() => lab.close());

const given = (more: object = {}, file = path) => deliverSchema().parse({ file, ...more });
const io = () => ({ journal: memoryJournal(), steadyStateHolds: async () => true });
const bind = (folder: string, more = '') => ({ Binds: [`${folder}:${dirname(path)}${more}`] });

async function looked(name: string, ...how: Parameters<typeof given>): Promise<Delivery> {
  const sight = await lookAtDelivery(await lab.engine.inspect(name), given(...how), lab.scope);
  if ('cannot' in sight) throw new Error(sight.cannot);
  return sight;
}

describe.concurrent('a folder mount', () => {
  it('is written by a rename with owner and mode kept, the server reloads, and all is undone to the byte', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    const server = await lab.server('folder', { host: bind(folder, ':ro') });
    const before = await faceOf(file);
    const { data, never } = await looked(server.Id, { reload: 'SIGHUP' });
    expect(never).toBeNull();
    expect(data.secret.place).toBe('folder');
    expect(await lab.ask(server.Id, old)).toBe(200);

    const value = fresh();
    await backup(data, lab.scope);
    expect(await deliver(data, value, lab.scope)).toEqual({ written: true });
    const during = await faceOf(file);
    expect(during).toMatchObject({ mode: before.mode, uid: before.uid, gid: before.gid, bytes: `${value.secret.reveal()}\n` });
    expect(during.ino).not.toBe(before.ino);
    const names = await namesIn(folder);
    expect(names).toEqual([`.token.pitwall-${data.mark}.old`, 'token']);
    expect(await stat(join(folder, names[0] ?? ''))).toMatchObject({ mode: 0o100600, uid: before.uid, gid: before.gid });
    expect(await proveNew(data, { new: value, old }, lab.scope)).toEqual({ sees: 'new', why: null });
    // written, and not yet told
    expect([await lab.ask(server.Id, old), await lab.ask(server.Id, value)]).toEqual([200, 401]);
    expect(await tell(data, lab.scope, io())).toEqual({ id: server.Id });
    await expect.poll(() => lab.ask(server.Id, value)).toBe(200);
    expect(await lab.ask(server.Id, old)).toBe(401);
    // again, and nothing is different: above all not the backup
    await backup(data, lab.scope);
    expect(await deliver(data, value, lab.scope)).toEqual({ written: false });

    expect(await restore(data, lab.scope)).toEqual([]);
    expect(await faceOf(file)).toEqual(before);
    expect(await namesIn(folder)).toEqual(['token']);
    expect(await proveNew(data, { new: value, old }, lab.scope)).toEqual({ sees: 'old', why: null });
    await expect.poll(() => lab.ask(server.Id, old)).toBe(200);
    expect(await restore(data, lab.scope)).toEqual([]);
    expect(await faceOf(file)).toEqual(before);
  });

  it('of two services is written once, and forgotten for good', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    const one = await lab.holder('one-of-two', bind(folder));
    const before = await faceOf(file);
    const two = await lab.holder('two-of-two', { Binds: [`${dirname(folder)}:/all:ro`] });
    const inTwo = `/all/${folder.split('/').at(-1)}/token`;
    const [first, second] = [await looked(one.Id), await looked(two.Id, {}, inTwo)];
    expect(first.others).toContainEqual({ name: two.Name.slice(1), path: inTwo });
    expect(second.others).toContainEqual({ name: one.Name.slice(1), path });
    const value = fresh();
    for (const { data } of [first, second]) await backup(data, lab.scope);
    expect(await deliver(first.data, value, lab.scope)).toEqual({ written: true });
    expect(await deliver(second.data, value, lab.scope)).toEqual({ written: false });
    for (const { data } of [first, second]) expect((await proveNew(data, { new: value, old }, lab.scope)).sees).toBe('new');
    expect(await stat(join(folder, `.token.pitwall-${second.data.mark}.old`))).toMatchObject({ mode: 0o100600 });
    // each is put back by itself, and nobody's backup ever holds the new one
    expect(await restore(second.data, lab.scope)).toEqual([]);
    expect(await faceOf(file)).toEqual(before);
    await backup(second.data, lab.scope);
    await deliver(second.data, value, lab.scope);
    expect(await restore(first.data, lab.scope)).toEqual([]);
    expect(await faceOf(file)).toEqual(before);
    await backup(first.data, lab.scope);
    await deliver(first.data, value, lab.scope);
    for (const { data } of [first, second]) expect(await forget(data, lab.scope)).toEqual([]);
    expect(await namesIn(folder)).toEqual(['token']);
    expect(await readFile(file, 'utf8')).toBe(`${value.secret.reveal()}\n`);
    // without a backup there is nothing to undo, and nothing may be written
    expect(await restore(first.data, lab.scope)).toEqual([]);
    expect(await readFile(file, 'utf8')).toBe(`${value.secret.reveal()}\n`);
    await expect(deliver(first.data, fresh(), lab.scope)).rejects.toMatchObject({ code: 'delivery_failed' });
  });

  it('of a named volume; the user’s name and a format of its own go with the value', async ({ expect }) => {
    const volume = `${lab.mark}-secrets`;
    await lab.engine.createVolume(volume, lab.labels);
    const { Id } = await lab.holder('volume', { Binds: [`${volume}:/run/secrets`] });
    await lab.shell(Id, 'cd /run/secrets; printf "postgres://app:old@db/shop" > token; printf app > user; chown 7:8 *');
    const face = 'cd /run/secrets; ls -lna --full-time; cat token user';
    const before = await lab.shell(Id, 'cd /run/secrets; ls -ln; cat token user');
    const { data } = await looked(Id, { userFile: '/run/secrets/user', format: 'postgres://{user}:{secret}@db/shop' });
    expect(data.secret.source).toEqual({ type: 'volume', name: volume });
    const value = { ...fresh(), user: 'app_2' };
    await backup(data, lab.plain);
    await deliver(data, value, lab.plain);
    expect(await lab.shell(Id, 'cat /run/secrets/token')).toBe(`postgres://app_2:${value.secret.reveal()}@db/shop`);
    expect(await lab.shell(Id, 'cat /run/secrets/user; ls -ln /run/secrets/user')).toMatch(/^app_2\n.* 7 +8 /);
    expect((await proveNew(data, { new: value, old: null }, lab.plain)).sees).toBe('new');
    expect(await restore(data, lab.plain)).toEqual([]);
    expect(await lab.shell(Id, 'cd /run/secrets; ls -ln; cat token user')).toBe(before);
    expect(await lab.shell(Id, face)).not.toContain('pitwall');
  });

  it('with a link in it is written where the link leads', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    await mkdir(join(folder, '..data'));
    await rename(file, join(folder, '..data', 'token'));
    await symlink('/run/secrets/..data/token', file);
    const { Id } = await lab.holder('linked', bind(folder));
    const { data } = await looked(Id);
    const value = fresh();
    await backup(data, lab.scope);
    await deliver(data, value, lab.scope);
    expect(await namesIn(folder)).toEqual(['..data', 'token']);
    expect((await proveNew(data, { new: value, old }, lab.scope)).sees).toBe('new');
    expect(await restore(data, lab.scope)).toEqual([]);
    expect(await namesIn(join(folder, '..data'))).toEqual(['token']);
    expect((await proveNew(data, { new: value, old }, lab.scope)).sees).toBe('old');
  });
});

describe.concurrent('a single-file mount', () => {
  it('is named: what replaces the file never reaches the container, until that is restarted', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    const server = await lab.server('single', { host: { Binds: [`${file}:${path}:ro`] }, each: true });
    const name = server.Name.slice(1);
    const before = await faceOf(file);
    const told = await looked(server.Id, { reload: 'SIGHUP' });
    expect(told.never).toBe(
      `${name}: ${path} is a single-file mount (of ${file}): the container keeps the file that was there when it started, so a new one never reaches it; mount a folder, or deliver with restart: true`,
    );
    const restarted = await looked(server.Id, { restart: true });
    expect(restarted.never).toBeNull();
    const value = fresh();
    await backup(told.data, lab.scope);
    await deliver(told.data, value, lab.scope);
    await tell(told.data, lab.scope, io());
    expect(await readFile(file, 'utf8')).toBe(`${value.secret.reveal()}\n`);
    // the engine's own copy of the file would say that it is new
    expect((await proveNew(told.data, { new: value, old }, lab.scope)).sees).toBe('old');
    expect([await lab.ask(server.Id, old), await lab.ask(server.Id, value)]).toEqual([200, 401]);
    await tell(restarted.data, lab.scope, io());
    expect((await proveNew(restarted.data, { new: value, old }, lab.scope)).sees).toBe('new');
    await expect.poll(() => lab.ask(server.Id, value).catch(() => null)).toBe(200);
    expect(await restore(restarted.data, lab.scope)).toEqual([]);
    expect(await faceOf(file)).toEqual(before);
    expect(await namesIn(folder)).toEqual(['token']);
    expect((await proveNew(restarted.data, { new: value, old }, lab.scope)).sees).toBe('old');
    await expect.poll(() => lab.ask(server.Id, old).catch(() => null)).toBe(200);
  });

  it('is new in a container that was made again, found by its name', async ({ expect }) => {
    const { file, old } = await lab.secretFolder();
    const { Id, Name } = await lab.holder('again', { Binds: [`${file}:${path}:ro`] });
    const { data, never } = await looked(Id, { recreate: true });
    expect(never).toBeNull();
    const value = fresh();
    await backup(data, lab.scope);
    await deliver(data, value, lab.scope);
    const { id } = await tell(data, lab.scope, io());
    expect(id).not.toBe(Id);
    expect((await lab.engine.inspect(id)).Name).toBe(Name);
    expect((await proveNew(data, { new: value, old }, lab.scope)).sees).toBe('new');
    expect(await restore(data, lab.scope)).toEqual([]);
    expect((await proveNew(data, { new: value, old }, lab.scope)).sees).toBe('old');
  });
});

describe.concurrent('what lies in the container alone', () => {
  it('is written from inside: a tmpfs and its own layer, and what would lose it is named', async ({ expect }) => {
    const { Id, Name } = await lab.holder('inside', { Tmpfs: { '/run/secrets': '' } });
    await lab.shell(Id, 'for f in /run/secrets/token /etc/token; do printf "old\n" > $f; chmod 604 $f; chown 3:4 $f; done');
    const name = Name.slice(1);
    const hook = { hook: { port: 1, path: '/' } };
    for (const [file, place] of [
      [path, 'tmpfs'],
      ['/etc/token', 'own-layer'],
    ] as const) {
      const { data, never, notes } = await looked(Id, hook, file);
      expect([data.secret.place, never]).toEqual([place, null]);
      expect(notes[0]).toContain(`${file} of ${name} lies in`);
      const face = `ls -ln ${file}; cat ${file}; ls -A ${dirname(file)} | grep pitwall`;
      const before = await lab.shell(Id, face);
      const value = fresh();
      await backup(data, lab.scope);
      await deliver(data, value, lab.scope);
      expect(await lab.shell(Id, `cat ${file}; ls -ln ${file}`)).toMatch(new RegExp(`^${value.secret.reveal()}\n-rw----r-- .* 3 +4 `));
      expect((await proveNew(data, { new: value, old: null }, lab.scope)).sees).toBe('new');
      const [left] = await restore(data, lab.scope);
      expect(left).toContain(
        `${name} has the old value again, but could not be told: ${name}: POST / on its port 1: no answer (ECONNREFUSED)`,
      );
      expect(await forget(data, lab.scope)).toEqual([]);
      expect(await lab.shell(Id, face)).toBe(before);
    }
    expect((await looked(Id, { recreate: true }, '/etc/token')).never).toContain('lies in its own layer, which is thrown away');
    expect((await looked(Id, { restart: true })).never).toContain('lies in a tmpfs, which is empty after a restart');
  });

  it('is the same when what is told listens to a hook', async ({ expect }) => {
    const { folder, old } = await lab.secretFolder();
    const server = await lab.server('hooked', { host: bind(folder) });
    const { data } = await looked(server.Id, { hook: { port: 8080, path: '/reload' } });
    const value = fresh();
    await backup(data, lab.scope);
    await deliver(data, value, lab.scope);
    await tell(data, lab.scope, io());
    expect([await lab.ask(server.Id, old), await lab.ask(server.Id, value)]).toEqual([401, 200]);
    const wrong = { ...data, tell: { how: 'hook', port: 8080, path: '/nothing' } as const };
    await expect(tell(wrong, lab.scope, io())).rejects.toMatchObject({
      code: 'hook_refused',
      message: `${server.Name.slice(1)}: POST /nothing on its port 8080: it answered 404`,
    });
    expect(await restore(data, lab.scope)).toEqual([]);
    expect([await lab.ask(server.Id, old), await lab.ask(server.Id, value)]).toEqual([200, 401]);
  });
});

describe.concurrent('what stands against it', () => {
  it('is said with container and path', async ({ expect }) => {
    const { folder, file } = await lab.secretFolder();
    await writeFile(join(folder, '.taken.pitwall-0123456789abcdef0123.old'), 'x');
    await writeFile(join(folder, 'taken'), 'x');
    await symlink('/etc/passwd', join(folder, 'out'));
    await mkdir(join(folder, 'folder'));
    const target = await lab.holder('against', bind(folder));
    const name = target.Name.slice(1);
    const why = async (of: string) => {
      const sight = await lookAtDelivery(target, given({}, of), lab.scope);
      return 'cannot' in sight ? sight.cannot : null;
    };
    expect(await why('/run/secrets/none')).toBe(`${name} has no /run/secrets/none`);
    expect(await why('/run/secrets/no/where')).toBe(`${name} has no /run/secrets/no/where, and no folder for it`);
    expect(await why('/nowhere')).toBe(`${name} has no /nowhere`);
    expect(await why('/run/secrets/folder')).toBe(`${name}: /run/secrets/folder is no plain file`);
    expect(await why('/run/secrets/out')).toContain(`${name}: /run/secrets/out is a link that leads out of ${folder}`);
    expect(await why('/run/secrets/taken')).toContain(`another rotation of /run/secrets/taken is under way`);
    expect(await why('/proc/version')).toContain('/proc/version is on proc at /proc, which is nothing that a file is delivered to');
    await lab.engine.pause(target.Id);
    const paused = await lookAtDelivery(await lab.engine.inspect(target.Id), given(), lab.scope);
    expect(paused).toEqual({ cannot: `${name} is paused: somebody holds it` });
    await lab.engine.unpause(target.Id);
    expect(await namesIn(folder)).toEqual(['.taken.pitwall-0123456789abcdef0123.old', 'folder', 'out', 'taken', 'token']);
    expect(await readFile(file, 'utf8')).not.toBe('');
  });
});

describe('killed between any two steps', () => {
  it('is undone from the data alone', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    const server = await lab.server('killed', { host: bind(folder) });
    const before = await faceOf(file);
    const { data } = await looked(server.Id, { reload: 'SIGHUP' });
    const value = fresh();
    const steps: Record<string, () => Promise<unknown>> = {
      backup: () => backup(data, lab.scope),
      'the new one half written': () =>
        writeFile(join(folder, `.token.pitwall-${data.mark}01234567.new`), value.secret.reveal().slice(0, 9)),
      deliver: () => deliver(data, value, lab.scope),
      tell: () => tell(data, lab.scope, io()),
      'the old one half put back': () =>
        link(join(folder, `.token.pitwall-${data.mark}.old`), join(folder, `.token.pitwall-${data.mark}89abcdef.new`)),
      'the old one put back, and not told': () => rename(join(folder, `.token.pitwall-${data.mark}89abcdef.new`), file),
    };
    const names = Object.keys(steps);
    for (let done = 0; done <= names.length; done++) {
      for (const name of names.slice(0, done)) await steps[name]?.();
      // as the journal has it
      expect(await restore(JSON.parse(JSON.stringify(data)), lab.scope), names[done - 1] ?? 'nothing').toEqual([]);
      expect(await faceOf(file), names[done - 1] ?? 'nothing').toEqual(before);
      expect(await namesIn(folder), names[done - 1] ?? 'nothing').toEqual(['token']);
      await expect.poll(() => lab.ask(server.Id, old)).toBe(200);
      expect(await lab.ask(server.Id, value)).toBe(401);
    }
  });

  it('with the container stopped meanwhile', async ({ expect }) => {
    const { folder, file } = await lab.secretFolder();
    const { Id } = await lab.holder('stopped', bind(folder));
    const before = await faceOf(file);
    const { data } = await looked(Id, { reload: 'SIGHUP' });
    await backup(data, lab.scope);
    await deliver(data, fresh(), lab.scope);
    await lab.engine.stop(Id, { graceSeconds: 0 });
    expect(await restore(data, lab.scope)).toEqual([]);
    expect(await faceOf(file)).toEqual(before);
    expect(await namesIn(folder)).toEqual(['token']);
  });
});

describe('a value', () => {
  it('is in nothing that an engine or a host shows of the helpers', async ({ expect }) => {
    const { folder, old } = await lab.secretFolder();
    const { Id } = await lab.holder('shown', bind(folder));
    const { data } = await looked(Id);
    const value = fresh();
    await backup(data, lab.scope);
    await deliver(data, value, lab.scope);
    expect((await proveNew(data, { new: value, old }, lab.scope)).sees).toBe('new');
    const helpers = await lab.ours();
    expect(helpers.length).toBeGreaterThan(1);
    let shown = JSON.stringify(data);
    for (const { id } of helpers) {
      shown += await docker('inspect', id);
      shown += await docker('logs', id).catch((error: Error) => error.message);
      // one that was among the processes of a container that was restarted ended with them
      shown += await docker('top', id).catch((error: Error) => error.message);
    }
    for (const { secret } of [old, value]) expect(shown).not.toContain(secret.reveal());
    // that it would have been seen
    expect(shown).toContain('secret-rotation/deliver/agent.js');
    expect(await restore(data, lab.scope)).toEqual([]);
  });
});
