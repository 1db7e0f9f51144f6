import { createHash } from 'node:crypto';
import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { EngineError, FailedError, PitwallError, RefusedError } from '../../../../domain/errors.ts';
import { addressOf, pointName } from '../../address.ts';
import type { Point, System, SystemScope } from '../../system.ts';
import { type Data, dataSchema } from './data.ts';
import { checkNames, lookAt, rolesOf } from './look.ts';
import type { Params } from './params.ts';
import { openRotation } from './rotation.ts';
import { type Server, serverAt } from './server.ts';

export type { Params } from './params.ts';
export { fields } from './params.ts';

export const postgresql: System<Params> = {
  name: 'postgresql',
  services: ({ server, points }) => [server.service, ...points.map(({ service }) => service)],
  actions({ role, alternate, server }, plan, credential) {
    const old = credential === 'canary' ? `a role with the rights of ${role}, made for the run` : role;
    const issue =
      credential === 'real' && alternate !== undefined
        ? `a new password for the other of ${role} and ${alternate}`
        : `a new password for ${old}`;
    const refuse = [`ALTER ROLE … NOLOGIN of ${old}`, 'pg_terminate_backend of its sessions'];
    return [
      credential === 'canary'
        ? `make ${old}`
        : `park a copy of what ${server.service} keeps of the password, in a role that nobody can log in as`,
      ...(plan === 'leak' ? [...refuse, issue] : [issue, ...refuse]),
      credential === 'canary' ? `drop ${old}; what it owns goes to ${role}` : 'drop the copy',
    ];
  },
  async open(params, scope) {
    if (scope.plan === 'planned' && scope.credential === 'real' && params.alternate === undefined)
      throw new RefusedError(
        'no_alternate',
        `PostgreSQL keeps one password a role, so ${params.role} cannot have the old and the new one at once`,
        {
          hint: 'name a second role in params.alternate, or use plan: leak',
        },
      );
    checkNames(params, scope);
    const servers = await Promise.all(
      (await containersOf(params.server.service, scope)).map((container) => server(container, params, scope)),
    );
    const looked = await Promise.all(servers.map((one) => lookAt(one, params, scope)));
    const writable = looked.find(({ standby }) => !standby);
    if (writable === undefined)
      throw new RefusedError('standby_only', `no server of ${params.server.service} can be written to: all are standbys`);
    const tag = createHash('sha256').update(scope.runId).digest('hex').slice(0, 6);
    const data: Data = {
      tag,
      servers: looked.map(({ server: { id, name }, standby }) => ({ id, name, standby })),
      ...rolesOf(params, { writable, looked }, tag, scope),
    };
    return { rotation: await rotationOf(params, data, scope), data };
  },
  reopen: (params, data, scope) => remainsOf(params, dataSchema.parse(data), scope),
};

async function containersOf(service: string, scope: SystemScope): Promise<readonly ContainerInspect[]> {
  const containers = await scope.service(service);
  if (containers.length === 0) throw new RefusedError('no_server', `no target of service ${service} runs`);
  return containers;
}

async function server(container: ContainerInspect, params: Params, scope: SystemScope): Promise<Server> {
  const { service, port, database } = params.server;
  const host = addressOf(container, await allOf(params, scope));
  if (host === null)
    throw new RefusedError('no_address', `${plainName(container.Name)} has no address of its own, so nobody can be tried there`);
  const admin = { user: params.admin.user, password: scope.secret(params.admin.password, 'params.admin.password') };
  return serverAt({ container, point: pointName(service, port, container), host, port, database }, admin, scope);
}

async function rotationOf(params: Params, data: Data, scope: SystemScope) {
  const found = await scope.service(params.server.service);
  const admins = await Promise.all(
    data.servers.map(async ({ name, standby, ...one }) => {
      const container = stillThere({ name, ...one }, found);
      if (container === undefined) throw new FailedError('server_down', `${name} does not run`, { hint: `start ${name}` });
      return { server: await server(container, params, scope), standby };
    }),
  );
  return openRotation({
    params,
    data,
    admins,
    absent: [],
    points: [...admins.map((one) => pointAt(one.server)), ...(await furtherPoints(params, scope))],
    scope,
  });
}

/** For an undo: the servers that were written to, those of them that are there. Nobody is tried any more, so what else is down is nothing to it. */
async function remainsOf(params: Params, data: Data, scope: SystemScope) {
  const found = await scope.service(params.server.service);
  const absent: string[] = [];
  const admins: { server: Server; standby: boolean }[] = [];
  for (const { name, standby, ...one } of data.servers) {
    if (standby) continue;
    const container = stillThere({ name, ...one }, found);
    try {
      if (container === undefined) absent.push(`${name} does not run`);
      else admins.push({ server: await server(container, params, scope), standby });
    } catch (error) {
      if (!(error instanceof PitwallError) || (error instanceof EngineError && error.lost)) throw error;
      absent.push(error.message);
    }
  }
  return openRotation({ params, data, admins, absent, points: [], scope });
}

/** One that was made again meanwhile has another id. */
function stillThere({ id, name }: { readonly id: string; readonly name: string }, found: readonly ContainerInspect[]) {
  return found.find((one) => one.Id === id) ?? found.find((one) => plainName(one.Name) === name);
}

function pointAt({ point, name, host, port, database }: Pick<Server, 'point' | 'name' | 'host' | 'port' | 'database'>): Point {
  return {
    name: point,
    target: name,
    door: (user) => ({ protocol: 'postgresql', host, port, database, user: user ?? '' }),
    modes: ['login', 'session'],
  };
}

async function furtherPoints(params: Params, scope: SystemScope): Promise<Point[]> {
  const others = await allOf(params, scope);
  const lists = await Promise.all(
    params.points.map(async ({ service, port }) =>
      (await containersOf(service, scope)).map((container) => {
        const host = addressOf(container, others);
        const name = plainName(container.Name);
        if (host === null) throw new RefusedError('no_address', `${name} has no address of its own, so nobody can be tried there`);
        return pointAt({ point: pointName(service, port, container), name, host, port, database: params.server.database });
      }),
    ),
  );
  return lists.flat();
}

async function allOf(params: Params, scope: SystemScope): Promise<ContainerInspect[]> {
  const lists = await Promise.all(postgresql.services(params).map((service) => scope.service(service)));
  return [...lists.flat(), ...(await scope.others())];
}
