import { may, type Permission, type Role, roles } from '../access/roles.ts';

/** `nothing` is for what says nothing about the drills, such as whether the process lives: anyone may ask it from anywhere. */
export type RoutePermission = Permission | 'nothing';

/** The roles that may call such a route, the least first; all of them when none is needed. */
export function rolesFor(permission: RoutePermission): readonly Role[] {
  return roles.filter((role) => permission === 'nothing' || may(role, permission));
}

/** What needs no token from loopback. */
export function isForReaders(permission: RoutePermission): boolean {
  return permission === 'nothing' || permission === 'read';
}
