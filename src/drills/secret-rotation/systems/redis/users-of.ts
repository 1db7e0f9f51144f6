import { RefusedError } from '../../../../domain/errors.ts';
import type { SystemScope } from '../../system.ts';
import { type Looked, replicasOf } from './look.ts';
import type { Params } from './params.ts';

interface Users {
  readonly canary: boolean;
  readonly old: string;
  readonly fresh: string;
  readonly made: boolean;
}

interface Given {
  readonly looked: readonly Looked[];
  readonly tag: string;
  /** Null with a canary. */
  readonly oldHash: string | null;
  readonly scope: SystemScope;
}

/** Whose credential is refused, and who gets the new one. Throws `RefusedError` for what stands against it at any of the servers. */
export async function usersOf(params: Params, { looked, tag, oldHash, scope }: Given): Promise<Users> {
  const { role, alternate, method, server, admin } = params;
  if (looked.length === 0) throw new RefusedError('no_server', `no target of service ${server.service} runs`);
  const turns = scope.plan === 'planned' && (alternate !== undefined || method === 'deluser');
  for (const one of looked) checkRole(one, role);
  await everyReplicaIn(looked, oldHash !== null, scope);
  if (oldHash === null) return { canary: true, old: tag, fresh: turns ? `${tag}_next` : tag, made: true };

  if (turns && alternate === undefined)
    throw new RefusedError(
      'no_alternate',
      `method deluser leaves no user for the new password of ${role} while the old one goes on working`,
      {
        hint: 'name a second user in params.alternate, or use method: remove',
      },
    );
  const names = alternate === undefined ? [role] : [role, alternate];
  // the two take turns: the one that lets the password in use in is in use
  const old = names.find((name) => looked.every(({ users }) => users.get(name)?.on === true && users.get(name)?.hashes.includes(oldHash)));
  if (old === undefined) throw noneHas(names, looked, oldHash);
  const fresh = turns ? (names.find((name) => name !== old) ?? old) : old;
  for (const one of looked) {
    const at = one.server.point.name;
    if ([old, fresh].includes(admin.user))
      throw new RefusedError('role_is_admin', `${admin.user} is the admin of the drill itself: its own password cannot be taken from it`, {
        hint: 'name another user in params.admin',
      });
    if (old === 'default' && method === 'deluser')
      throw new RefusedError('method', 'the user default cannot be deleted', { hint: 'use method: resetpass' });
    if (one.clients?.some(({ user, replica }) => replica && user === old))
      throw new RefusedError('role_replicates', `Redis replicas copy from ${at} as ${old}: with another password they could not go on`, {
        hint: 'give replicas a user of their own (masteruser)',
      });
    if (fresh !== old && one.clients?.some(({ user }) => user === fresh))
      throw new RefusedError('alternate_in_use', `${fresh}, which is to get the new password, has sessions open at ${at}`, {
        hint: 'of two users that take turns the other must be idle',
      });
  }
  const having = looked.filter(({ users }) => users.has(fresh)).length;
  if (having > 0 && having < looked.length)
    throw new RefusedError('servers_differ', `${fresh} is an ACL user at some servers of ${server.service} and not at others`);
  return { canary: false, old, fresh, made: having === 0 };
}

function checkRole({ users, server }: Looked, role: string): void {
  const user = users.get(role);
  if (user === undefined)
    throw new RefusedError('no_role', `${server.point.name} has no ACL user ${role}`, { hint: 'look at params.role' });
  if (user.nopass)
    throw new RefusedError('role_open', `${role} takes any password at ${server.point.name} (nopass): there is none to be leaked`, {
      hint: 'ACL SETUSER … resetpass, and give it a password',
    });
}

function noneHas(names: readonly string[], looked: readonly Looked[], oldHash: string): RefusedError {
  const lacking = looked.filter(({ users }) => !names.some((name) => users.get(name)?.hashes.includes(oldHash)));
  const where = (lacking.length > 0 ? lacking : looked).map(({ server }) => server.point.name).join(', ');
  if (lacking.length > 0)
    return new RefusedError('current_wrong', `the password given as the one in use is none of ${names.join(' and ')} at ${where}`, {
      hint: 'look at params.current',
    });
  return new RefusedError(
    'role_off',
    `${names.join(' and ')} cannot log in at every server (${where}): off, or not the same user everywhere`,
  );
}

/** A server that nobody looks at may let the old one in for ever. */
async function everyReplicaIn(looked: readonly Looked[], real: boolean, scope: SystemScope): Promise<void> {
  const known = new Set(looked.flatMap(({ server }) => server.addresses));
  for (const { server } of looked) {
    const unseen = (await replicasOf(server)).filter((host) => !known.has(host));
    if (unseen.length === 0) continue;
    const message = `${server.point.name} has Redis replicas that are not rotated: ${unseen.join(', ')}. Users are not replicated, so the old password goes on working there`;
    if (real)
      throw new RefusedError('replica_unseen', message, { hint: 'name their services in params.server.replicas, and among the targets' });
    scope.event('replica_unseen', message);
  }
}
