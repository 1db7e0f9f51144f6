import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Mode, Prober, Series } from '../../src/checks/prober/contract.ts';
import { PitwallError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Credential, Point, Rotation, SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { hashOf } from '../../src/drills/secret-rotation/systems/redis/acl.ts';
import { type Lab, openLab } from '../helper/lab.ts';
import { paramsOf, passwords, redis, redisServers, refs, type Servers } from './redis-lab.ts';

let lab: Lab;
let servers: Servers;
let a: string;
let b: string;
beforeAll(async () => {
  lab = await openLab('redis');
  servers = await redisServers(lab);
  a = await servers.start('redis', 'a');
  b = await servers.start('redis', 'b');
});
afterAll(async () => {
  await servers?.close();
  await lab?.close();
});
beforeEach(async () => {
  await Promise.all([a, b].map((id) => servers.reset(id)));
});

type Kind = Pick<SystemScope, 'plan' | 'credential'>;
const leakCanary: Kind = { plan: 'leak', credential: 'canary' };
const leakReal: Kind = { plan: 'leak', credential: 'real' };
const plannedReal: Kind = { plan: 'planned', credential: 'real' };

async function open(kind: Kind & Partial<SystemScope>, given: Record<string, unknown> = {}) {
  const scope = servers.scope(kind);
  const params = paramsOf(given);
  return { ...(await redis.open(params, scope)), scope, params };
}

/** Both lists and both files. */
const world = async () => [
  ...(await Promise.all([a, b].map((id) => servers.list(id)))),
  ...(await Promise.all([a, b].map((id) => servers.saved(id)))),
];

async function tried({ points }: Rotation, { user, secret }: Credential, scope: SystemScope): Promise<string[]> {
  const spec = (point: Point) => ({ door: point.door(user), secret, mode: 'login' as Mode, timeoutMs: 5_000 });
  const containers = await scope.service('redis');
  const at = (point: Point) => containers.find(({ Name }) => Name === `/${point.target}`) ?? containers[0];
  return Promise.all(
    points.map(async (point) => {
      const container = at(point);
      if (container === undefined) throw new Error('no server');
      const { answer, code } = await (await scope.prober(container)).once(spec(point));
      return code ?? answer;
    }),
  );
}

async function session({ points }: Rotation, { user, secret }: Credential, scope: SystemScope): Promise<Series[]> {
  const containers = await scope.service('redis');
  const started = await Promise.all(
    points.map(async (point) => {
      const container = containers.find(({ Name }) => Name === `/${point.target}`);
      if (container === undefined) throw new Error('no server');
      return (await scope.prober(container)).start({ door: point.door(user), secret, mode: 'session', everyMs: 20, timeoutMs: 2_000 });
    }),
  );
  await expect.poll(() => started.every((series) => series.samples().length > 1), { timeout: 10_000 }).toBe(true);
  return started;
}

const last = (series: Series[]) => series.map((one) => one.samples().at(-1)?.answer);
const all = (answer: string) => [answer, answer];

async function failure(work: Promise<unknown>): Promise<PitwallError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof PitwallError) return error;
  throw new Error(`not a failure that is known: ${String(error)}`);
}

describe('it is refused, and nothing is changed,', () => {
  const refusals: readonly [string, Kind, Record<string, unknown>, string, RegExp, ((id: string) => Promise<unknown>)?][] = [
    [
      'with a wrong admin password',
      leakCanary,
      { admin: { password: refs.wrong } },
      'admin_refused',
      /redis:6379 \(.*-a\).*WRONGPASS.*-b\).*WRONGPASS/,
    ],
    [
      'with an admin who may not see users',
      leakCanary,
      { admin: { user: 'weak', password: refs.admin } },
      'admin_rights',
      /may not run ACL LIST/,
      (id) => servers.boss(id, `ACL SETUSER weak on >${passwords.admin} +ping`),
    ],
    [
      'with an admin who may not change them',
      leakCanary,
      { admin: { user: 'weak', password: refs.admin } },
      'admin_rights',
      /may not run ACL SETUSER/,
      (id) => servers.boss(id, `ACL SETUSER weak on >${passwords.admin} +ping +acl|list +acl|dryrun +config|get`),
    ],
    ['for a role that is not there', leakCanary, { role: 'nobody' }, 'no_role', /-a\) has no ACL user nobody/],
    ['for a role that needs no password', leakCanary, {}, 'role_open', /nopass/, (id) => servers.boss(id, 'ACL SETUSER app nopass')],
    ['with a value that is not the one in use', leakReal, { current: refs.wrong }, 'current_wrong', /-a\).*-b\)/],
    ['without a value', leakReal, { current: undefined }, 'no_current', /is not known/],
    ['for a role that is off', leakReal, {}, 'role_off', /cannot log in/, (id) => servers.boss(id, 'ACL SETUSER app off')],
    ["for the admin's own", leakReal, { role: 'default', current: refs.admin }, 'role_is_admin', /default is the admin/],
    ['when the user is to be deleted while it goes on working', plannedReal, { method: 'deluser' }, 'no_alternate', /deluser/],
    [
      'while another rotation is under way',
      leakCanary,
      {},
      'under_way',
      /pitwall_0a1b2c_backup/,
      (id) => servers.boss(id, 'ACL SETUSER pitwall_0a1b2c_backup off'),
    ],
    [
      'when its attackers could ask nothing',
      leakCanary,
      {},
      'role_mute',
      /app may not run PING/,
      (id) => servers.boss(id, 'ACL SETUSER app -ping'),
    ],
    [
      'when the second user is in use',
      plannedReal,
      { alternate: 'busy' },
      'alternate_in_use',
      /busy, which is to get the new password, has sessions open/,
      async (id) => {
        await servers.boss(id, 'ACL SETUSER busy on >busy +ping');
        await servers.stays(id, 'busy');
      },
    ],
  ];
  test.each(refusals)('%s', async (_, kind, given, code, message, arrange = async () => undefined) => {
    for (const id of [a, b]) {
      await arrange(id);
      await servers.boss(id, 'ACL SAVE');
    }
    const before = await world();
    const error = await failure(open(kind, given));
    expect(error).toMatchObject({ exitCode: 4, code });
    expect(error.message).toMatch(message);
    expect(`${error.message} ${error.hint}`).not.toMatch(new RegExp(Object.values(passwords).join('|')));
    expect(await world()).toEqual(before);
  });

  test('when no server runs, and when one does not answer', async () => {
    expect(await failure(open(leakCanary, { server: { service: 'nothing' } }))).toMatchObject({ code: 'no_server', exitCode: 4 });
    const error = await failure(open(leakCanary, { server: { service: 'redis', port: 6_380 } }));
    expect(error).toMatchObject({ code: 'server_down', exitCode: 4 });
    expect(error.message).toMatch(/redis:6380 .*ECONNREFUSED/);
  });
});

describe('plan leak', () => {
  test('with a canary: refused everywhere, its sessions ended, the new one let in, and nothing left of it', async () => {
    const before = await world();
    const { rotation, scope } = await open(leakCanary);
    const old = await rotation.prepare();
    expect(old.user).toMatch(/^pitwall_[0-9a-f]{6}$/);
    const app = (await servers.list(b)).match(/^user app (.*)$/m)?.[1]?.replaceAll(/#\w+ /g, '');
    const ours = (await servers.list(b)).match(/^user pitwall_\w+ (.*)$/m)?.[1]?.replaceAll(/#\w+ /g, '');
    expect(ours).toBe(app);
    expect(await tried(rotation, old, scope)).toEqual(all('accepted'));
    const sessions = await session(rotation, old, scope);

    await rotation.refuse();
    expect(await tried(rotation, old, scope)).toEqual(all('WRONGPASS'));
    expect(last(sessions)).toEqual(all('accepted'));
    expect(await rotation.sessionsLeft()).toHaveLength(2);
    expect(await rotation.endSessions()).toEqual({ notAllowed: null });
    expect(await rotation.sessionsLeft()).toEqual([]);
    await expect.poll(() => last(sessions), { timeout: 10_000 }).toEqual(all('closed'));

    const fresh = await rotation.issue();
    expect(await tried(rotation, fresh, scope)).toEqual(all('accepted'));
    expect(await tried(rotation, old, scope)).toEqual(all('WRONGPASS'));
    // a consumer's, with the new one: it stays
    const theirs = await session(rotation, fresh, scope);
    await rotation.endSessions();
    expect(await rotation.sessionsLeft()).toEqual([]);
    const [count] = theirs.map((one) => one.samples().length);
    await expect.poll(() => theirs[0]?.samples().length, { timeout: 10_000 }).toBeGreaterThan((count ?? 0) + 2);
    expect(last(theirs)).toEqual(all('accepted'));
    await Promise.all([...sessions, ...theirs].map((one) => one.stop()));
    expect(await rotation.clear()).toEqual([]);
    expect(await world()).toEqual(before);
  });

  test.each(['remove', 'resetpass', 'deluser'])('with the real one, by %s', async (method) => {
    const others = (await servers.list(a)).split('\n').filter((line) => !line.startsWith('user app '));
    const { rotation, scope } = await open(leakReal, { method });
    const old = await rotation.prepare();
    expect(old.secret.reveal()).toBe(passwords.app);
    const sessions = await session(rotation, old, scope);
    await rotation.refuse();
    await rotation.refuse();
    expect(await tried(rotation, old, scope)).toEqual(all('WRONGPASS'));
    await rotation.endSessions();
    await expect.poll(() => last(sessions), { timeout: 10_000 }).toEqual(all('closed'));
    const fresh = await rotation.issue();
    expect(await rotation.issue()).toEqual(fresh);
    expect(fresh.user).toBe('app');
    expect(fresh.secret.reveal()).toMatch(/^[\w-]{43}$/);
    await Promise.all(sessions.map((one) => one.stop()));
    expect(await rotation.clear()).toEqual([]);
    expect(await tried(rotation, fresh, scope)).toEqual(all('accepted'));
    expect(await tried(rotation, old, scope)).toEqual(all('WRONGPASS'));
    const kept = (await servers.list(a)).includes(hashOf(new Secret(passwords.other)));
    expect(kept).toBe(method === 'remove');
    const now = (await servers.list(a)).split('\n');
    expect(now.filter((line) => !line.startsWith('user app '))).toEqual(others);
    expect(now.find((line) => line.startsWith('user app '))).toMatch(/ on .*\(~sub:\* resetchannels -@all \+get\)$/);
  });
});

describe('plan planned', () => {
  test('with one user: both work for a while; those that came after the refusal are left alone', async () => {
    const { rotation, scope } = await open(plannedReal);
    const old = await rotation.prepare();
    const early = await session(rotation, old, scope);
    const fresh = await rotation.issue();
    expect(await tried(rotation, old, scope)).toEqual(all('accepted'));
    // those who had it before the new one was there; this is how consumers are seen to have moved
    expect(await rotation.sessionsLeft()).toHaveLength(2);
    const late = await session(rotation, old, scope);
    expect(await rotation.sessionsLeft()).toHaveLength(2);
    await rotation.refuse();
    expect(await tried(rotation, old, scope)).toEqual(all('WRONGPASS'));
    expect(await tried(rotation, fresh, scope)).toEqual(all('accepted'));
    const theirs = await session(rotation, fresh, scope);
    expect(await rotation.sessionsLeft()).toHaveLength(4);
    // asked a second time it does not take those who came meanwhile
    await rotation.refuse();
    await rotation.endSessions();
    expect(await rotation.sessionsLeft()).toEqual([]);
    await expect.poll(() => [...last(early), ...last(late)], { timeout: 10_000 }).toEqual([...all('closed'), ...all('closed')]);
    expect(last(theirs)).toEqual(all('accepted'));
    await Promise.all([...early, ...late, ...theirs].map((one) => one.stop()));
    expect(theirs.flatMap((one) => one.samples()).every(({ answer }) => answer === 'accepted')).toBe(true);
    expect(await rotation.clear()).toEqual([]);
  });

  test('with two users that take turns: sessions of the new one are never ended, and the next time they swap', async () => {
    const { rotation, scope } = await open(plannedReal, { alternate: 'app2' });
    const old = await rotation.prepare();
    const sessions = await session(rotation, old, scope);
    const fresh = await rotation.issue();
    expect([old.user, fresh.user]).toEqual(['app', 'app2']);
    const theirs = await session(rotation, fresh, scope);
    await rotation.refuse();
    await rotation.endSessions();
    await expect.poll(() => last(sessions), { timeout: 10_000 }).toEqual(all('closed'));
    expect(await rotation.sessionsLeft()).toEqual([]);
    await Promise.all([...sessions, ...theirs].map((one) => one.stop()));
    expect(theirs.flatMap((one) => one.samples()).every(({ answer }) => answer === 'accepted')).toBe(true);
    expect(await rotation.clear()).toEqual([]);
    expect(await tried(rotation, old, scope)).toEqual(all('WRONGPASS'));
    const again = await open(
      { ...plannedReal, secret: (ref) => ('env' in ref && ref.env === 'APP' ? fresh.secret : scope.secret(ref, '')) },
      { alternate: 'app2' },
    );
    expect(again.data).toMatchObject({ old: 'app2', fresh: 'app', made: false });
  });
});

describe('after a crash', () => {
  // what ends sessions changes no user
  const steps = ['open', 'prepare', 'first', 'second'] as const;
  const cases: readonly [string, Kind, Record<string, unknown>][] = [
    ['leak, canary', leakCanary, {}],
    ['leak, canary, deluser', leakCanary, { method: 'deluser' }],
    ['leak, real', leakReal, {}],
    ['leak, real, resetpass', leakReal, { method: 'resetpass' }],
    ['leak, real, deluser', leakReal, { method: 'deluser' }],
    ['planned, canary, deluser', { plan: 'planned', credential: 'canary' }, { method: 'deluser' }],
    ['planned, real', plannedReal, {}],
    ['planned, real, two users', plannedReal, { alternate: 'app2' }],
    ['planned, real, two users of which one is off', plannedReal, { alternate: 'idle', method: 'deluser' }],
  ];
  test.each(cases)('%s: from every step the users are put back to the letter, in the file as well', async (name, kind, given) => {
    if (name.endsWith('off')) for (const id of [a, b]) await servers.boss(id, 'ACL SETUSER idle off >of-the-idle ~idle:* +get +ping');
    for (const id of [a, b]) await servers.boss(id, 'ACL SAVE');
    const before = await world();
    for (const step of steps) {
      const { rotation, data, scope, params } = await open(kind, given);
      const order = kind.plan === 'leak' ? (['refuse', 'issue'] as const) : (['issue', 'refuse'] as const);
      if (step !== 'open') await rotation.prepare();
      if (['first', 'second'].includes(step)) await rotation[order[0]]();
      if (step === 'second') await rotation[order[1]]();
      const journal = JSON.stringify(data);
      expect(journal).not.toMatch(/[0-9a-f]{64}|leaked-one/);
      const after = await redis.reopen(params, JSON.parse(journal), scope);
      expect(await after.rollback(), step).toEqual([]);
      // once more, and it is no different
      expect(await after.rollback(), step).toEqual([]);
      expect(await world(), step).toEqual(before);
    }
  });

  test('clear after a crash leaves nothing of ours, and keeps the copy while the new one does not work', async () => {
    const { rotation, data, scope, params } = await open(leakReal);
    await rotation.prepare();
    await rotation.refuse();
    const after = await redis.reopen(params, data, scope);
    const [sentence, ...more] = await after.clear();
    expect(sentence).toMatch(/-a\): app cannot log in, so the copy .*pitwall_\w{6}_backup.* pitwall recover/);
    expect(more).toHaveLength(1);
    await rotation.issue();
    expect(await after.clear()).toEqual([]);
    expect((await world()).join('\n')).not.toContain('pitwall_');
  });
});

describe('trouble', () => {
  test('a replica that cannot be changed is named, the others are changed, and it can be put back when the cause is gone', async () => {
    const before = await world();
    const { rotation, scope } = await open(leakReal);
    const old = await rotation.prepare();
    await servers.boss(b, 'ACL SETUSER default -acl|setuser');
    const error = await failure(rotation.refuse());
    expect(error.code).toBe('admin_rights');
    expect(error.message).toMatch(/may not run ACL SETUSER at redis:6379 \(\S+-b\) \(NOPERM\); done at redis:6379 \(\S+-a\)$/);
    expect(await tried(rotation, old, scope)).toEqual(['WRONGPASS', 'accepted']);
    const sentences = await rotation.rollback();
    expect(sentences).toEqual([]);
    expect(await tried(rotation, old, scope)).toEqual(all('accepted'));
    await servers.boss(b, `ACL SETUSER default reset on >${passwords.admin} ~* &* +@all`);
    await servers.boss(b, 'ACL SAVE');
    expect(await world()).toEqual(before);
  });

  test('an admin who may not end sessions: they live on, and it is said', async () => {
    for (const id of [a, b]) await servers.boss(id, 'ACL SETUSER default -client|kill');
    const { rotation, scope } = await open(leakCanary);
    expect(scope.events.filter(({ type }) => type === 'admin_rights')).toHaveLength(2);
    const old = await rotation.prepare();
    const sessions = await session(rotation, old, scope);
    await rotation.refuse();
    expect((await rotation.endSessions()).notAllowed).toMatch(/may not run CLIENT KILL at .*-a\)/);
    const left = await rotation.sessionsLeft();
    expect(left).toHaveLength(2);
    expect(left?.[0]?.client).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(await rotation.clear()).toEqual([]);
    await Promise.all(sessions.map((one) => one.stop()));
  });

  test('a server that is down is named at every step, and put back when it is there again', async () => {
    const before = await world();
    const { rotation, scope, params, data } = await open(leakReal);
    await rotation.prepare();
    await lab.engine.stop(b, { graceSeconds: 2 });
    for (const step of ['prepare', 'refuse', 'endSessions', 'sessionsLeft', 'issue'] as const) {
      const error = await failure(rotation[step]());
      expect(error, step).toMatchObject({ code: 'server_down' });
      expect(error.message, step).toMatch(/redis:6379 \(\S+-b\)/);
    }
    const there = await rotation.rollback();
    expect(there).toEqual([expect.stringMatching(/-b does not run.*start it, then run: pitwall recover/)]);
    await servers.forget(b);
    await lab.engine.start(b);
    await servers.answers(b);
    // its file had been saved, so the copy is there
    expect(await servers.list(b)).toContain('_backup');
    expect(await (await redis.reopen(params, data, scope)).rollback()).toEqual([]);
    expect(await world()).toEqual(before);
  });

  test('a restart does not bring the old one back, where there is an ACL file', async () => {
    const { rotation, scope, params } = await open(leakReal);
    const old = await rotation.prepare();
    await rotation.refuse();
    const fresh = await rotation.issue();
    expect(await rotation.clear()).toEqual([]);
    await lab.engine.stop(a, { graceSeconds: 2 });
    await servers.forget(a);
    await lab.engine.start(a);
    await servers.answers(a);
    const { points } = await redis.reopen(
      params,
      { tag: 'pitwall_000000', canary: false, old: 'app', fresh: 'app', made: false, servers: [] },
      scope,
    );
    expect(await tried({ points } as Rotation, old, scope)).toEqual(all('WRONGPASS'));
    expect(await tried({ points } as Rotation, fresh, scope)).toEqual(all('accepted'));
  });

  test('without an ACL file it is said; a replica that is not rotated is said, refused with the real one, and rotated when it is named', async () => {
    const user = (name: string, password: string) => ['--user', name, 'on', `>${password}`, '~*', '&*', '+@all'];
    const users = [...user('default', passwords.admin), ...user('app', passwords.app)];
    const first = await servers.start('lone', 'lone', [...users, '--repl-diskless-sync-delay', '0']);
    const host = Object.values((await lab.engine.inspect(first)).NetworkSettings.Networks)[0]?.IPAddress ?? '';
    const second = await servers.start('copy', 'copy', [...users, '--replicaof', host, '6379', '--masterauth', passwords.admin]);
    const linked = async () => JSON.stringify(await servers.as('default', passwords.admin, second, ['INFO', 'replication']));
    await expect.poll(linked, { timeout: 10_000 }).toContain('master_link_status:up');
    const server = { service: 'lone' };
    const { scope } = await open(leakCanary, { server });
    expect(scope.events.map(({ type }) => type)).toEqual(['acl_not_saved', 'replica_unseen']);
    expect(await failure(open(leakReal, { server }))).toMatchObject({ code: 'replica_unseen', exitCode: 4 });
    const { rotation } = await open(leakReal, { server: { service: 'lone', replicas: ['copy'] } });
    expect(rotation.points.map(({ name }) => name)).toEqual([expect.stringMatching(/^lone:6379/), expect.stringMatching(/^copy:6379/)]);
    await rotation.prepare();
    await rotation.refuse();
    await rotation.issue();
    expect(await rotation.rollback()).toEqual([]);
  });

  test('no value travels to where the server writes it down', async () => {
    await servers.boss(a, 'CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 1000');
    await servers.boss(a, 'SLOWLOG RESET');
    const sent: unknown[] = [];
    const { rotation } = await open({
      ...leakReal,
      async prober(container) {
        const prober = await servers.prober(container);
        const command: Prober['command'] = (door, secret, commands, options) => {
          sent.push(...commands);
          return prober.command(door, secret, commands, options);
        };
        return { ...prober, command };
      },
    });
    const { secret: old } = await rotation.prepare();
    await rotation.refuse();
    const { secret: fresh } = await rotation.issue();
    await rotation.endSessions();
    const written = JSON.stringify(await servers.boss(a, 'SLOWLOG GET 1000', 'ACL LOG'));
    expect(await rotation.rollback()).toEqual([]);
    await servers.boss(a, 'CONFIG SET slowlog-log-slower-than 10000');
    expect(written.toLowerCase()).toContain('setuser');
    // Redis hides what is set from its slow log, so what goes to it is looked at as well
    for (const value of [old.reveal(), fresh.reveal(), passwords.admin]) expect(JSON.stringify(sent)).not.toContain(value);
    expect(JSON.stringify(sent)).toContain(`#${hashOf(fresh)}`);
    for (const value of [old.reveal(), fresh.reveal(), passwords.admin, hashOf(old), hashOf(fresh)]) expect(written).not.toContain(value);
  });
});
