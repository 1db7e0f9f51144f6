import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Door, Prober } from '../../src/checks/prober/contract.ts';
import { openProber } from '../../src/checks/prober/open-prober.ts';
import { plainName } from '../../src/container/names.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { fields, type Params, redis } from '../../src/drills/secret-rotation/systems/redis/index.ts';
import { never, realClock } from '../checks/scope.ts';
import type { Lab } from '../helper/lab.ts';

export const passwords = { admin: 'the-admins-own', app: 'leaked-one-of-app', other: 'another-of-app' };
export const refs = { admin: { env: 'ADMIN' }, app: { env: 'APP' }, wrong: { env: 'WRONG' } } as const;
const values: Readonly<Record<string, string>> = { ADMIN: passwords.admin, APP: passwords.app, WRONG: 'no-such-password' };

const rules = '~shop:* %R~stock:* resetchannels &news +@all -@admin -@dangerous +info';

/** Redis servers of one lab. The test speaks to them as `boss`, so that the admin can be hindered. */
export async function redisServers(lab: Lab) {
  const { reference } = await lab.image({ build: await lab.build() });
  const services = new Map<string, string[]>();
  const probers = new Map<string, Promise<Prober>>();

  function prober({ Id, Name }: { readonly Id: string; readonly Name: string }): Promise<Prober> {
    const { engine, instance } = lab;
    const helperImage = () => Promise.resolve({ reference });
    const scope = { engine, clock: realClock, helperImage, runId: '01JD0000000000000000000000', instance, signal: never };
    const known = probers.get(Id) ?? openProber({ id: Id, name: plainName(Name) }, scope);
    probers.set(Id, known);
    // of a container that does not run there is none yet
    known.catch(() => probers.delete(Id));
    return known;
  }

  async function as(user: string, password: string, id: string, ...commands: (readonly string[])[]): Promise<unknown[]> {
    const door: Door = { protocol: 'redis', host: '127.0.0.1', port: 6379, user };
    const sent = commands.map(([text = '', ...given]) => ({ text, values: given }));
    const answers = await (await prober(await lab.engine.inspect(id))).command(door, new Secret(password), sent);
    const failed = answers.find((answer) => !answer.ok);
    if (failed !== undefined && !failed.ok) throw new Error(`a command of the test's own failed: ${failed.code}`);
    return answers.map((answer) => (answer.ok ? answer.rows[0]?.reply : null));
  }

  async function make(id: string): Promise<void> {
    await as('default', passwords.admin, id, ['ACL', 'SETUSER', 'boss', 'reset', 'on', '>boss', '~*', '&*', '+@all']);
  }

  /** Words separated by spaces, a command each. */
  const boss = (id: string, ...lines: string[]) => as('boss', 'boss', id, ...lines.map((line) => line.split(' ')));

  return {
    prober,
    boss,
    as,
    /** With an ACL file unless given arguments of its own. */
    async start(service: string, name: string, args: readonly string[] | null = null): Promise<string> {
      const id = await lab.run(name, {
        Image: 'pitwall-fixture/redis:1',
        Env: [`REDIS_ADMIN_PASSWORD=${passwords.admin}`],
        ...(args === null ? {} : { Entrypoint: ['redis-server', '--protected-mode', 'no', '--bind', '*', ...args] }),
      });
      services.set(service, [...(services.get(service) ?? []), id]);
      await this.answers(id);
      return id;
    },
    async answers(id: string): Promise<void> {
      for (let i = 0; i < 100; i++) {
        const up = await as('default', passwords.admin, id, ['PING']).then(
          () => true,
          () => false,
        );
        if (up) return make(id);
        await sleep(50);
      }
      throw new Error('redis does not answer');
    },
    /** As another drill could have left it: nobody but these, in memory and in the file. */
    async reset(id: string): Promise<void> {
      const [users] = (await boss(id, 'ACL USERS')) as [string[]];
      const others = users.filter((name) => !['boss', 'default'].includes(name));
      await boss(
        id,
        ...others.map((name) => `ACL DELUSER ${name}`),
        `ACL SETUSER default reset on >${passwords.admin} ~* &* +@all`,
        `ACL SETUSER app reset on >${passwords.app} >${passwords.other} ${rules} (~sub:* -@all +get)`,
        'ACL SAVE',
      );
    },
    async list(id: string): Promise<string> {
      const [lines] = (await boss(id, 'ACL LIST')) as [string[]];
      return lines.join('\n');
    },
    /** What it would be after a restart; that it is from now on. */
    async saved(id: string): Promise<string> {
      const [, lines] = (await boss(id, 'ACL LOAD', 'ACL LIST')) as [unknown, string[]];
      return lines.join('\n');
    },
    /** A session with the user's name for a password, until the end. */
    async stays(id: string, user: string): Promise<void> {
      const spec = { secret: new Secret(user), mode: 'session', everyMs: 1_000, timeoutMs: 2_000 } as const;
      const series = (await prober(await lab.engine.inspect(id))).start({
        ...spec,
        door: { protocol: 'redis', host: '127.0.0.1', port: 6379, user },
      });
      while (series.samples().length === 0) await sleep(10);
    },
    /** Its network is gone, and its prober's with it. */
    async forget(id: string): Promise<void> {
      await (await probers.get(id))?.close();
      probers.delete(id);
    },
    scope(given: Partial<SystemScope> & Pick<SystemScope, 'plan' | 'credential'>) {
      const events: { type: string; message: string }[] = [];
      const scope: SystemScope = {
        engine: lab.engine,
        clock: realClock,
        signal: never,
        runId: `01JD${randomBytes(11).toString('hex').toUpperCase()}`,
        instance: lab.instance,
        async service(name) {
          const all = await Promise.all((services.get(name) ?? []).map((id) => lab.engine.inspect(id)));
          return all.filter(({ State }) => State.Running);
        },
        others: () => Promise.resolve([]),
        held: () => Promise.resolve(null),
        prober,
        helperImage: () => Promise.reject(new Error('a helper was asked for')),
        secret: (ref) => new Secret(values['env' in ref ? ref.env : ''] ?? ''),
        event: (type, message) => events.push({ type, message }),
        notTaken: (_points, message) => events.push({ type: 'not-taken', message }),
        ...given,
      };
      return { ...scope, events };
    },
    async close() {
      await Promise.all([...probers.values()].map(async (one) => (await one).close()));
    },
  };
}

/** As from a drill file. */
export function paramsOf(given: Record<string, unknown> = {}): Params {
  return z.strictObject(fields).parse({
    server: { service: 'redis' },
    admin: { password: refs.admin },
    role: 'app',
    current: refs.app,
    ...given,
  }) as Params;
}

export type Servers = Awaited<ReturnType<typeof redisServers>>;
export { redis };
