import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { z } from 'zod';
import type { Prober } from '../../src/checks/prober/contract.ts';
import { openProber } from '../../src/checks/prober/open-prober.ts';
import type { Rotation, SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { fields, file as fileSystem } from '../../src/drills/secret-rotation/systems/file/index.ts';
import { type DeliveryLab, faceOf, namesIn, openDeliveryLab, path } from './deliver-lab.ts';

let lab: DeliveryLab;
const probers = new Map<string, Promise<Prober>>();
beforeAll(async () => {
  lab = await openDeliveryLab('file-system');
});
afterAll(async () => {
  for (const prober of probers.values()) await (await prober).close();
  await lab.close();
});

const bind = (folder: string) => ({ Binds: [`${folder}:${dirname(path)}:ro`] });
const params = (given: object = {}) =>
  z.strictObject(fields).parse({ service: 'api', path, points: [{ service: 'api', port: 8080 }], ...given });

/** A scope whose services are containers by these names; what was said is in `events`. */
function scopeOf(services: Readonly<Record<string, readonly string[]>>, given: Partial<SystemScope> = {}) {
  const events: string[] = [];
  const rest = { others: () => Promise.resolve([]), held: () => Promise.resolve(null) };
  const scope: SystemScope = {
    ...rest,
    ...lab.plain,
    plan: 'leak',
    credential: 'real',
    service: (name) => Promise.all((services[name] ?? []).map((id) => lab.engine.inspect(id))),
    async prober({ Id, Name }) {
      // a container that was started again has another network, and the prober of before is in none
      const key = `${Id} ${(await lab.engine.inspect(Id)).State.StartedAt}`;
      const open = probers.get(key);
      if (open !== undefined && (await open).alive()) return open;
      const opened = openProber({ id: Id, name: Name }, lab.plain);
      probers.set(key, opened);
      return opened;
    },
    secret: () => {
      throw new Error('a secret was asked for');
    },
    event: (_type, message) => void events.push(message),
    notTaken: (_points, why) => void events.push(why),
    ...given,
  };
  return { scope, events };
}

describe.concurrent('plan leak', () => {
  it('replaces the value at every replica, and leaves nothing beside the file', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    const [one, two] = [await lab.server('one', { host: bind(folder) }), await lab.server('two', { host: bind(folder) })];
    const { scope, events } = scopeOf({ api: [one.Id, two.Id] });
    const { rotation } = await fileSystem.open(params({ take: { reload: 'SIGHUP' } }), scope);
    expect(rotation.points.map(({ target }) => target)).toEqual([one.Name.slice(1), two.Name.slice(1)]);
    expect((await rotation.prepare()).secret.reveal()).toBe(old.secret.reveal());
    await rotation.refuse();
    for (const { Id } of [one, two]) expect(await lab.ask(Id, old)).toBe(401);
    const value = await rotation.issue();
    for (const { Id } of [one, two]) expect(await lab.ask(Id, value)).toBe(200);
    expect(await rotation.endSessions()).toEqual({ notAllowed: null });
    await rotation.verify?.();
    expect(await rotation.sessionsLeft()).toBeNull();
    expect(await rotation.clear()).toEqual([]);
    expect(await namesIn(folder)).toEqual(['token']);
    expect(await readFile(file, 'utf8')).toBe(`${value.secret.reveal()}\n`);
    expect(events).toEqual([]);
  });

  it.runIf(process.env.PITWALL_TEST_FULL !== undefined)(
    'is put back from the journal’s data, wherever it was killed',
    { timeout: 120_000 },
    async ({ expect }) => {
      const { folder, file, old } = await lab.secretFolder();
      const { Id } = await lab.server('killed', { host: bind(folder) });
      const { scope } = scopeOf({ api: [Id] });
      const before = await faceOf(file);
      const given = params({ take: { hook: { port: 8080, path: '/reload' } } });
      const steps: ((rotation: Rotation) => Promise<unknown>)[] = [
        (rotation) => rotation.prepare(),
        (rotation) => rotation.refuse(),
        (rotation) => rotation.issue(),
      ];
      for (let done = 0; done <= steps.length; done++) {
        const { rotation, data } = await fileSystem.open(given, scope);
        for (const step of steps.slice(0, done)) await step(rotation);
        const kept = JSON.stringify(data);
        expect(kept).not.toContain(old.secret.reveal());
        // a process that is killed takes its helpers with it
        await rotation.verify?.();
        const again = await fileSystem.reopen(given, JSON.parse(kept), scope);
        expect(await again.rollback(), String(done)).toEqual([]);
        expect(await faceOf(file), String(done)).toEqual(before);
        expect(await namesIn(folder), String(done)).toEqual(['token']);
        expect(await lab.ask(Id, old), String(done)).toBe(200);
      }
    },
  );

  it('names the single-file mount, and the replica that does not read again', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    const good = await lab.server('good', { host: bind(folder) });
    const single = await lab.server('single', { host: { Binds: [`${file}:${path}:ro`] } });
    const deaf = await lab.server('deaf', { host: bind(folder), deaf: true });
    const { scope, events } = scopeOf({ api: [good.Id, single.Id, deaf.Id] });
    const { rotation } = await fileSystem.open(params({ take: { reload: 'SIGHUP' } }), scope);
    expect(events).toContainEqual(expect.stringContaining(`${single.Name.slice(1)}: ${path} is a single-file mount (of ${file})`));
    events.length = 0;
    await rotation.prepare();
    await rotation.refuse();
    expect(events.toSorted()).toEqual([
      expect.stringMatching(
        `api:8080 \\(${deaf.Name.slice(1)}\\) still accepts the old value .*: its file has the new value, so it has not read that again`,
      ),
      expect.stringMatching(`api:8080 \\(${single.Name.slice(1)}\\) still accepts the old value .*: ${path} is a single-file mount`),
    ]);
    const value = await rotation.issue();
    expect(events).toHaveLength(2);
    expect([await lab.ask(good.Id, old), await lab.ask(good.Id, value)]).toEqual([401, 200]);
    expect(await rotation.rollback()).toEqual([]);
    expect(await lab.ask(good.Id, old)).toBe(200);
    expect(await namesIn(folder)).toEqual(['token']);
  });

  it('reaches a single-file mount by a restart', async ({ expect }) => {
    const { file, old } = await lab.secretFolder();
    const { Id } = await lab.server('restarted', { host: { Binds: [`${file}:${path}:ro`] } });
    const { scope, events } = scopeOf({ api: [Id] });
    const { rotation } = await fileSystem.open(params({ take: { restart: true } }), scope);
    await rotation.prepare();
    await rotation.refuse();
    const value = await rotation.issue();
    expect([await lab.ask(Id, old), await lab.ask(Id, value)]).toEqual([401, 200]);
    expect(await rotation.rollback()).toEqual([]);
    expect([await lab.ask(Id, old), await lab.ask(Id, value)]).toEqual([200, 401]);
    expect(events).toEqual([expect.stringContaining('is a single-file mount: it is replaced on the engine’s host')]);
  });
});

describe.concurrent('plan planned', () => {
  it('has both values work until the old one is refused, where a second file is accepted', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    const next = '/run/secrets/token.next';
    const { Id } = await lab.server('overlap', { host: bind(folder), next });
    const before = await faceOf(file);
    const given = params({ take: { reload: 'SIGHUP' }, accepts: { file: next } });
    const { scope } = scopeOf({ api: [Id] }, { plan: 'planned' });
    const { rotation } = await fileSystem.open(given, scope);
    await rotation.prepare();
    const value = await rotation.issue();
    expect([await lab.ask(Id, old), await lab.ask(Id, value)]).toEqual([200, 200]);
    expect(await stat(join(folder, 'token.next'))).toMatchObject({ mode: before.mode, uid: before.uid, gid: before.gid });
    await rotation.refuse();
    expect([await lab.ask(Id, old), await lab.ask(Id, value)]).toEqual([401, 200]);
    expect(await rotation.clear()).toEqual([]);
    expect(await namesIn(folder)).toEqual(['token']);

    const second = await fileSystem.open(given, scope);
    const held = await faceOf(file);
    await second.rotation.prepare();
    await second.rotation.issue();
    await second.rotation.endSessions();
    const again = await fileSystem.reopen(given, JSON.parse(JSON.stringify(second.data)), scope);
    expect(await again.rollback()).toEqual([]);
    expect(await faceOf(file)).toEqual(held);
    expect(await namesIn(folder)).toEqual(['token']);
    expect(await lab.ask(Id, value)).toBe(200);
  });

  it('ends where a server does not take the new one, before anything else is done', async ({ expect }) => {
    const { folder, file, old } = await lab.secretFolder();
    const { Id, Name } = await lab.server('stuck', { host: bind(folder), deaf: true });
    const before = await faceOf(file);
    const { scope } = scopeOf({ api: [Id] }, { plan: 'planned' });
    const { rotation } = await fileSystem.open(params({ take: { reload: 'SIGHUP' }, accepts: { file: '/run/secrets/token.next' } }), scope);
    await rotation.prepare();
    await expect(rotation.issue()).rejects.toMatchObject({
      code: 'not_taken',
      message: expect.stringContaining(`(${Name.slice(1)}) does not accept the new value (401)`),
    });
    expect(await lab.ask(Id, old)).toBe(200);
    expect(await rotation.rollback()).toEqual([]);
    expect(await faceOf(file)).toEqual(before);
    expect(await namesIn(folder)).toEqual(['token']);
  });
});

describe.concurrent('what is refused', () => {
  it('is refused before anything was changed, by name', async ({ expect }) => {
    const { folder, file } = await lab.secretFolder();
    const other = await lab.secretFolder();
    const { Id, Name } = await lab.server('refusing', { host: bind(folder) });
    const wrong = await lab.server('wrong', { host: bind(other.folder) });
    const { scope } = scopeOf({ api: [Id], both: [Id, wrong.Id] });
    const before = await faceOf(file);
    const refused = async (given: object, more: Partial<SystemScope> = {}) =>
      fileSystem.open(params(given), { ...scope, ...more }).then(
        () => null,
        (error: { code: string; message: string }) => `${error.code} ${error.message}`,
      );
    expect(await refused({}, { credential: 'canary' })).toContain('no_canary');
    expect(await refused({ service: 'nobody' })).toContain('no_server no target of service nobody runs');
    expect(await refused({ path: '/run/secrets/none' })).toContain(`no_delivery a new value could not be given to ${Name.slice(1)}`);
    expect(await refused({ format: 'token={secret}' })).toContain('no_value');
    expect(await refused({ service: 'both' })).toContain(`two_values ${wrong.Name.slice(1)}`);
    const header = { points: [{ service: 'api', port: 8080, header: 'x-token: {secret}' }] };
    expect(await refused(header)).toContain(`old_not_accepted api:8080 (${Name.slice(1)}) does not accept the value of ${path} (401)`);
    expect(await refused({ points: [{ service: 'api', port: 1 }] })).toContain('ECONNREFUSED');
    expect(await faceOf(file)).toEqual(before);
    expect(await namesIn(folder)).toEqual(['token']);
    expect(() => params({ take: { recreate: true } })).toThrow('is not for who checks a file');
  });
});
