import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import type { SystemScope } from '../../system.ts';
import { type Data, isAbout } from './data.ts';
import type { Params } from './params.ts';
import type { Row, Server } from './server.ts';
import { lookAtRoles, lookAtServer } from './sql.ts';

/** Bytes; NAMEDATALEN less one. */
const longestName = 63;

export interface Looked {
  readonly server: Server;
  readonly standby: boolean;
  readonly roles: readonly Row[];
}

/** All that stands against it is said before anything is changed. */
export async function lookAt(one: Server, { role, alternate, admin }: Params, { credential }: SystemScope): Promise<Looked> {
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

export function rolesOf(
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
export function checkNames({ role, alternate, admin }: Params, { credential }: SystemScope): void {
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
