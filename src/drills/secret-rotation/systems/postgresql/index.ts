import { createHash } from 'node:crypto';
import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { EngineError, FailedError, PitwallError, RefusedError } from '../../../../domain/errors.ts';
import { addressOf, pointName } from '../../address.ts';
import type { Point, System, SystemScope } from '../../system.ts';
import { type Data, dataSchema, isAbout } from './data.ts';
import type { Params } from './params.ts';
import { openRotation } from './rotation.ts';
import { type Row, type Server, serverAt } from './server.ts';
import { lookAtRoles, lookAtServer } from './sql.ts';

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

/** Bytes; NAMEDATALEN less one. */
const longestName = 63;

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

interface Looked {
  readonly server: Server;
  readonly standby: boolean;
  readonly roles: readonly Row[];
}

/** All that stands against it is said before anything is changed. */
async function lookAt(one: Server, { role, alternate, admin }: Params, { credential }: SystemScope): Promise<Looked> {
  const wanted = JSON.stringify([role, ...(alternate === undefined ? [] : [alternate])]);
  const [[state] = [], roles = []] = await one
    .ask([
      { text: lookAtServer, values: [role] },
      { text: lookAtRoles, values: [wanted] },
    ])
    .catch((error: unknown) => {
      if (error instanceof FailedError) throw new RefusedError(error.code, error.message, { hint: error.hint });
      throw error;
    });
  if (!roles.some(({ name }) => name === role))
    throw new RefusedError('no_role', `${one.point} has no role ${role}`, { hint: 'look at params.role' });
  const other = roles.find(
    ({ name, note }) => String(name).startsWith('pitwall_') && isAbout(note, alternate === undefined ? [role] : [role, alternate]),
  );
  if (other !== undefined)
    throw new RefusedError(
      'under_way',
      `another rotation of ${role} is under way at ${one.point}, or was left there (role ${String(other.name)})`,
      {
        hint: 'wait until it has ended; when its process is gone, run: pitwall recover',
      },
    );
  if (credential === 'canary' && state?.makes_roles !== true)
    throw new RefusedError('admin_rights', `the admin ${admin.user} may not make roles at ${one.point}`, { hint: 'it needs CREATEROLE' });
  if (credential === 'canary' && state?.hands_out !== true)
    throw new RefusedError('admin_rights', `the admin ${admin.user} may not make a role with the rights of ${role} at ${one.point}`, {
      hint: `GRANT ${role} TO ${admin.user} WITH ADMIN OPTION, or for a superuser's rights a superuser`,
    });
  if (credential === 'real' && state?.reads_verifiers !== true)
    throw new RefusedError('admin_rights', `the admin ${admin.user} may not read pg_authid at ${one.point}, so nothing could be put back`, {
      hint: 'with credential: real the admin must be a superuser',
    });
  return { server: one, standby: state?.standby === true, roles };
}

function rolesOf(
  params: Params,
  { writable, looked }: { readonly writable: Looked; readonly looked: readonly Looked[] },
  tag: string,
  { plan, credential }: SystemScope,
): Pick<Data, 'old' | 'fresh' | 'made'> {
  const { role, alternate } = params;
  if (credential === 'canary') {
    const old = `pitwall_${tag}`;
    return { old, fresh: plan === 'leak' ? old : `${old}_next`, made: true };
  }
  const found = (name: string) => writable.roles.find((one) => one.name === name);
  // the two take turns: the one that can log in is in use
  const swapped = alternate !== undefined && found(alternate)?.login === true && found(role)?.login !== true;
  const old = swapped ? alternate : role;
  const fresh = swapped ? role : (alternate ?? role);
  const at = writable.server.point;
  if (found(old)?.login !== true)
    throw new RefusedError('role_off', `${old} cannot log in at ${at}, so there is nothing of it that could leak`, {
      hint: 'look at params.role',
    });
  if (fresh === old) return { old, fresh, made: false };
  const hint = 'of two roles that take turns the other must be idle: NOLOGIN, and without sessions';
  if (found(fresh)?.login === true)
    throw new RefusedError('alternate_in_use', `${old} and ${fresh} can both log in at ${at}, so either may be in use`, { hint });
  const busy = looked.find(({ roles }) => roles.some(({ name, busy: sessions }) => name === fresh && sessions === true));
  if (busy !== undefined)
    throw new RefusedError('alternate_in_use', `${fresh}, which is to get the new password, has sessions open at ${busy.server.point}`, {
      hint,
    });
  return { old, fresh, made: found(fresh) === undefined };
}

/** What would lock everybody out, and what would be another name to the server. */
function checkNames({ role, alternate, admin }: Params, { credential }: SystemScope): void {
  const names = alternate === undefined ? [role] : [role, alternate];
  const long = names.find((name) => Buffer.byteLength(name) > longestName);
  if (long !== undefined)
    throw new RefusedError(
      'long_name',
      `${long} is no name of a role: it has ${Buffer.byteLength(long)} bytes, and PostgreSQL cuts names off after ${longestName}`,
    );
  if (alternate === role)
    throw new RefusedError('no_alternate', `params.alternate is ${role} too, and one role has one password`, {
      hint: 'name a second role, or none',
    });
  if (credential === 'real' && names.includes(admin.user))
    throw new RefusedError('role_is_admin', `${admin.user} is the admin of the drill itself: its own password cannot be taken from it`, {
      hint: 'name another role in params.admin',
    });
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
