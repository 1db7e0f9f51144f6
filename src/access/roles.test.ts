import { expect, it } from 'vitest';
import { isRole, may, type Permission, roles } from './roles.ts';

it('grants what each role is for, and no more', () => {
  const permissions: readonly Permission[] = ['read', 'run', 'halt', 'report', 'freeze', 'read-evidence', 'administer'];
  expect(Object.fromEntries(roles.map((role) => [role, permissions.filter((permission) => may(role, permission))]))).toEqual({
    viewer: ['read'],
    operator: ['read', 'run', 'halt', 'report'],
    responder: ['read', 'halt', 'report', 'freeze', 'read-evidence'],
    admin: [...permissions],
  });
  expect(isRole('root')).toBe(false);
});
