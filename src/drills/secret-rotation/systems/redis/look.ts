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
  const saves = savesOf(await server.askIfAllowed(['CONFIG', 'GET', 'aclfile']));
  const needed = [['ACL', 'SETUSER', 'pitwall'], ['ACL', 'DELUSER', 'pitwall'], ...(saves === 'always' ? [['ACL', 'SAVE']] : [])];
  for (const command of needed)
    if (await forbidden(server, admin, command))
      throw new RefusedError('admin_rights', `the admin ${admin} may not run ${command.slice(0, 2).join(' ')} at ${point}`, {
        hint: 'it needs +acl',
      });
  const foreign = [...users.keys()].find(isPitwalls);
  if (foreign !== undefined) throw underWay(foreign, point);
  if (saves === 'never')
    scope.event(
      'acl_not_saved',
      `${point} keeps no ACL file (aclfile): when it restarts, its users are again what its configuration says, and an old password may work again`,
    );
  if (users.get('default')?.nopass === true && users.get('default')?.on === true)
    scope.event('default_open', `${point} lets in whoever gives no password, as user default: refusing one password does not close that`);
  if (await forbidden(server, admin, ['CLIENT', 'KILL', 'USER', 'pitwall']))
    scope.event('admin_rights', `the admin ${admin} may not run CLIENT KILL at ${point}: sessions will be left open`);
  for (const name of [role, alternate ?? role])
    if (users.has(name) && (await forbidden(server, name, ['PING'])))
      throw new RefusedError('role_mute', `${name} may not run PING at ${point}, which is what is asked to see whether it works`, {
        hint: `ACL SETUSER ${name} +ping`,
      });
  const clients = await server.askIfAllowed(['CLIENT', 'LIST']);
  return { server, users, saves, clients: clients === null ? null : parseClients(clients.reply) };
}

export function underWay(user: string, point: string): RefusedError {
  return new RefusedError('under_way', `another rotation is under way at ${point}, or was left there (ACL user ${user})`, {
    hint: 'wait until it has ended; when its process is gone, run: pitwall recover',
  });
}

/** Addresses of the Redis replicas that a server feeds. */
export async function replicasOf(server: Server): Promise<readonly string[]> {
  const role = (await server.askIfAllowed(['ROLE']))?.reply;
  if (!Array.isArray(role) || role[0] !== 'master' || !Array.isArray(role[2])) return [];
  return role[2].map((replica: unknown) => (Array.isArray(replica) ? String(replica[0]) : '')).filter((host) => host !== '');
}

/** False also where the server cannot tell (Redis 6, or the admin may not ask): the first step will. */
async function forbidden(server: Server, admin: string, command: readonly string[]): Promise<boolean> {
  const told = await server.askIfAllowed(['ACL', 'DRYRUN', admin, ...command]);
  return told !== null && told.reply !== 'OK';
}

function savesOf(told: { readonly reply: unknown } | null): Saves {
  if (told === null) return 'try';
  const { reply } = told;
  const file = Array.isArray(reply) ? reply[1] : (reply as { readonly aclfile?: unknown } | null)?.aclfile;
  return typeof file === 'string' && file !== '' ? 'always' : 'never';
}
