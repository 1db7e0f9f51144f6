import { RefusedError } from '../../../../domain/errors.ts';
import type { SystemScope } from '../../system.ts';
import type { AclUser } from './acl.ts';
import { type Client, parseClients } from './clients.ts';
import { isPitwalls } from './names.ts';
import type { Params } from './params.ts';
import type { Server } from './server.ts';

/** Whether the server keeps users in a file. `try`: the admin may not read its configuration, so only `ACL SAVE` will tell. */
export type Saves = 'always' | 'try' | 'never';

export interface Looked {
  readonly server: Server;
  readonly users: ReadonlyMap<string, AclUser>;
  /** Null: the admin may not list them. */
  readonly clients: readonly Client[] | null;
  readonly saves: Saves;
}

/** What a server says of itself; nothing is changed. Throws `RefusedError` when the admin lacks a right without which the rotation could not be undone, or another is under way. */
export async function lookAt(server: Server, { admin: { user: admin }, role, alternate }: Params, scope: SystemScope): Promise<Looked> {
  const point = server.point.name;
  const users = await server.users();
  const saves = savesOf(await server.askIfAllowed([['CONFIG', 'GET', 'aclfile']]));
  const needed = [['ACL', 'SETUSER', 'pitwall'], ['ACL', 'DELUSER', 'pitwall'], ...(saves === 'always' ? [['ACL', 'SAVE']] : [])];
  const kill = ['CLIENT', 'KILL', 'USER', 'pitwall'];
  const roles = [role, ...(alternate === undefined ? [] : [alternate])].filter((name) => users.has(name));
  const forbidden = await forbiddenAt(server, [
    ...[...needed, kill].map((command) => [admin, ...command]),
    ...roles.map((name) => [name, 'PING']),
  ]);
  for (const [who = '', ...command] of forbidden) {
    const may = `${who} may not run ${command.slice(0, 2).join(' ')} at ${point}`;
    if (command[0] === 'PING')
      throw new RefusedError('role_mute', `${may}, which is what is asked to see whether it works`, { hint: `ACL SETUSER ${who} +ping` });
    if (command[0] !== 'CLIENT') throw new RefusedError('admin_rights', `the admin ${may}`, { hint: 'it needs +acl' });
    scope.event('admin_rights', `the admin ${may}: sessions will be left open`);
  }
  const foreign = [...users.keys()].find(isPitwalls);
  if (foreign !== undefined) throw underWay(foreign, point);
  if (saves === 'never')
    scope.event(
      'acl_not_saved',
      `${point} keeps no ACL file (aclfile): when it restarts, its users are again what its configuration says, and an old password may work again`,
    );
  if (users.get('default')?.nopass === true && users.get('default')?.on === true)
    scope.event('default_open', `${point} lets in whoever gives no password, as user default: refusing one password does not close that`);
  const clients = await server.askIfAllowed([['CLIENT', 'LIST']]);
  return { server, users, saves, clients: clients === null ? null : parseClients(clients[0]) };
}

export function underWay(user: string, point: string): RefusedError {
  return new RefusedError('under_way', `another rotation is under way at ${point}, or was left there (ACL user ${user})`, {
    hint: 'wait until it has ended; when its process is gone, run: pitwall recover',
  });
}

/** Addresses of the Redis replicas that a server feeds. */
export async function replicasOf(server: Server): Promise<readonly string[]> {
  const [role] = (await server.askIfAllowed([['ROLE']])) ?? [];
  if (!Array.isArray(role) || role[0] !== 'master' || !Array.isArray(role[2])) return [];
  return role[2].map((replica: unknown) => (Array.isArray(replica) ? String(replica[0]) : '')).filter((host) => host !== '');
}

/** Those of `[user, ...command]` that the user may not run. None where the server cannot tell (Redis 6, or the admin may not ask): the first step will. */
async function forbiddenAt(server: Server, wanted: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]> {
  const told = await server.askIfAllowed(wanted.map((words) => ['ACL', 'DRYRUN', ...words]));
  return wanted.filter((_, index) => told !== null && told[index] !== 'OK');
}

function savesOf(told: readonly unknown[] | null): Saves {
  if (told === null) return 'try';
  const [reply] = told;
  const file = Array.isArray(reply) ? reply[1] : null;
  return typeof file === 'string' && file !== '' ? 'always' : 'never';
}
