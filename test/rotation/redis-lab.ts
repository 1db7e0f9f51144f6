import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Prober } from '../../src/checks/prober/contract.ts';
import { plainName } from '../../src/container/names.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { fields, type Params, redis } from '../../src/drills/secret-rotation/systems/redis/index.ts';
import { never, realClock } from '../checks/scope.ts';
import type { Lab } from '../helper/lab.ts';
import { hostProber } from './host-prober.tmp.ts';

export const passwords = { admin: 'the-admins-own', app: 'leaked-one-of-app', other: 'another-of-app' };
export const refs = { admin: { env: 'ADMIN' }, app: { env: 'APP' }, wrong: { env: 'WRONG' } } as const;
const values: Readonly<Record<string, string>> = { ADMIN: passwords.admin, APP: passwords.app, WRONG: 'no-such-password' };

const rules = ['~shop:*', '%R~stock:*', 'resetchannels', '&news', '+@all', '-@admin', '-@dangerous', '+info'];

/** Redis servers of one lab; `redis-cli` in them is somebody else than the admin, so that the admin can be hindered. */
export function redisServers(lab: Lab) {
  const services = new Map<string, string[]>();
  const probers = new Map<string, Promise<Prober>>();

  async function cli(id: string, ...command: string[]): Promise<string> {
    const { stdout, stderr } = await lab.engine.exec(id, [
      'redis-cli',
      '--no-auth-warning',
      '--user',
      'boss',
      '--pass',
      'boss',
      ...command,
    ]);
    return stdout.trim() + stderr.trim();
  }

  return {
    cli,
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
      const until = Date.now() + 10_000;
      while (!(await lab.shell(id, 'redis-cli ping')).match(/PONG|NOAUTH/))
        if (Date.now() > until) throw new Error('redis does not answer');
    },
    /** As another drill could have left it: nobody but these. */
    async reset(id: string): Promise<void> {
      await lab.engine.exec(id, [
        ...['redis-cli', '--no-auth-warning', '--user', 'default', '--pass', passwords.admin],
        ...['acl', 'setuser', 'boss', 'reset', 'on', '>boss', '~*', '&*', '+@all'],
      ]);
      const names = (await cli(id, 'acl', 'users')).split('\n').filter((name) => !['boss', 'default'].includes(name));
      if (names.length > 0) await cli(id, 'acl', 'deluser', ...names);
      await cli(id, 'acl', 'setuser', 'default', 'reset', 'on', `>${passwords.admin}`, '~*', '&*', '+@all');
      await cli(id, 'acl', 'setuser', 'app', 'reset', 'on', `>${passwords.app}`, `>${passwords.other}`, ...rules, '(~sub:* -@all +get)');
      await cli(id, 'acl', 'save');
    },
    list: (id: string) => cli(id, 'acl', 'list'),
    /** What it would start with. */
    saved: (id: string) => lab.shell(id, 'cat /data/users.acl'),
    forget: (id: string) => probers.delete(id),
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
        prober(container) {
          const known = probers.get(container.Id) ?? Promise.resolve(hostProber(plainName(container.Name)));
          probers.set(container.Id, known);
          return known;
        },
        helperImage: () => Promise.reject(new Error('a helper was asked for')),
        secret: (ref) => new Secret(values['env' in ref ? ref.env : ''] ?? ''),
        event: (type, message) => events.push({ type, message }),
        ...given,
      };
      return { ...scope, events };
    },
    async close() {
      for (const prober of probers.values()) await (await prober).close();
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

export type Servers = ReturnType<typeof redisServers>;
export { redis };
