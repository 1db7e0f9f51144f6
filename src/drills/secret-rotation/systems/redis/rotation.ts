import { FailedError } from '../../../../domain/errors.ts';
import { newSecret, type Secret } from '../../../../domain/secret.ts';
import type { Rotation, SystemScope } from '../../system.ts';
import { type AclUser, hashOf, sameUser, setUser, withoutHash } from './acl.ts';
import { change } from './change.ts';
import { every } from './every.ts';
import type { Data } from './index.ts';
import { underWay } from './look.ts';
import { copyName, isOfRun, isPitwalls } from './names.ts';
import type { Params } from './params.ts';
import type { Server } from './server.ts';
import { sessionsOf } from './sessions.ts';
import { openUndo } from './undo.ts';

export interface Parts {
  readonly params: Params;
  readonly data: Data;
  readonly servers: readonly Server[];
  /** The one in use; null with a canary, and in a recovery. */
  readonly secret: Secret | null;
  readonly scope: SystemScope;
  /** Those that run at the time: one that was restarted may have another address. */
  now(): Promise<readonly Server[]>;
}

export function openRotation(parts: Parts): Rotation {
  const { params, data, servers, scope } = parts;
  const { tag, canary, old, fresh, made } = data;
  // kept for all calls: a second one after a failure must not leave servers with different ones
  const leaked = parts.secret ?? newSecret();
  const next = newSecret();
  const oldHash = hashOf(leaked);
  const newHash = hashOf(next);
  const sessions = sessionsOf(parts);
  let issued = false;

  return {
    points: servers.map(({ point }) => point),
    async prepare() {
      await every(servers, async (server) => {
        const before = await server.users();
        alone(server, before);
        const wanted = canary ? [withPassword(model(server, before), old, oldHash)] : copies(server, before);
        const after = await change(server, wanted.map(setUser), data, scope);
        // again: two that looked at the same time both found nobody
        alone(server, after);
        if (!wanted.every((user) => sameUser(after.get(user.name), user)))
          throw new FailedError(
            'step_failed',
            `${server.point.name} did not keep ${wanted.map(({ name }) => name).join(', ')} as it was given`,
          );
      });
      await admitted(old, leaked);
      return { user: old, secret: leaked };
    },
    async issue() {
      await every(servers, async (server) => {
        const users = await server.users();
        const give = users.has(fresh)
          ? ['ACL', 'SETUSER', fresh, 'on', ...(fresh === old ? [] : ['resetpass']), `#${newHash}`]
          : setUser(withPassword(model(server, users), fresh, newHash));
        await change(server, [give], data, scope);
        await sessions.mark(server, 'issued');
      });
      issued = true;
      await admitted(fresh, next);
      return { user: fresh, secret: next };
    },
    async refuse() {
      await every(servers, async (server) => {
        await change(server, [refusal()], data, scope);
        await sessions.mark(server, 'refused');
        const { answer, code } = await server.login(old, leaked);
        if (answer === 'accepted')
          throw new FailedError('still_accepted', `${server.point.name} still lets ${old} in with the old password`);
        if (answer !== 'refused')
          throw new FailedError('server_down', `${server.point.name} did not say whether it refuses ${old} (${code})`);
      });
    },
    endSessions: sessions.end,
    sessionsLeft: sessions.left,
    ...openUndo(parts),
  };

  function alone({ point }: Server, users: ReadonlyMap<string, AclUser>): void {
    const foreign = [...users.keys()].find((name) => isPitwalls(name) && !isOfRun(name, tag));
    if (foreign === undefined) return;
    const { message, hint } = underWay(foreign, point.name);
    throw new FailedError('under_way', message, { hint });
  }

  /** Whose rules the user gets that is made. */
  function model({ point }: Server, users: ReadonlyMap<string, AclUser>): AclUser {
    const name = canary ? params.role : copyName(tag, 'old', true);
    const user = users.get(name);
    if (user !== undefined) return user;
    throw new FailedError('no_role', `${point.name} has no ACL user ${name} any more`);
  }

  /** What is not parked yet: a copy that is there may be of a time before a change. */
  function copies({ point }: Server, users: ReadonlyMap<string, AclUser>): AclUser[] {
    const kept = [{ name: old, of: 'old' as const }, ...(fresh === old || made ? [] : [{ name: fresh, of: 'fresh' as const }])];
    return kept.flatMap(({ name, of }) => {
      if ([true, false].some((on) => users.has(copyName(tag, of, on)))) return [];
      const user = users.get(name);
      if (user === undefined) throw new FailedError('no_role', `${point.name} has no ACL user ${name} any more`);
      if (of === 'old' && !user.on) throw new FailedError('role_off', `${name} cannot log in at ${point.name} any more: it is off`);
      return [{ ...user, name: copyName(tag, of, user.on), on: false }];
    });
  }

  function refusal(): string[] {
    // the user stays on for the new one
    if (issued && fresh === old)
      return ['ACL', 'SETUSER', old, ...(params.method === 'remove' ? withoutHash(oldHash) : ['resetpass', `#${newHash}`])];
    if (params.method === 'deluser') return ['ACL', 'DELUSER', old];
    return ['ACL', 'SETUSER', old, 'off', ...(params.method === 'remove' ? withoutHash(oldHash) : ['resetpass'])];
  }

  async function admitted(user: string, secret: Secret): Promise<void> {
    await every(servers, async (server) => {
      const { answer, code } = await server.login(user, secret);
      if (answer === 'accepted') return;
      const what = answer === 'refused' ? 'not_accepted' : 'server_down';
      throw new FailedError(what, `${server.point.name} does not let ${user} in (${code})`);
    });
  }
}

function withPassword({ rules }: AclUser, name: string, hash: string): AclUser {
  return { name, on: true, nopass: false, hashes: [hash], rules };
}
