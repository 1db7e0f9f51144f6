/** viewer reads, and has reports made of what it may read; operator runs drills; responder freezes and reads evidence; admin does all of it. */
export const roles = ['viewer', 'operator', 'responder', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What a route or a command can ask for. */
export type Permission = 'read' | 'report' | 'run' | 'halt' | 'freeze' | 'read-evidence' | 'administer';

/**
 * Operator and responder are side by side, not one above the other: who may run drills in staging need not see a customer's memory.
 * Halting is for both, as whoever sees that something goes wrong must be able to stop it; `unhalt` is running drills again.
 */
const granted: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read', 'report'],
  operator: ['read', 'report', 'run', 'halt'],
  responder: ['read', 'report', 'halt', 'freeze', 'read-evidence'],
  admin: ['read', 'report', 'run', 'halt', 'freeze', 'read-evidence', 'administer'],
};

export function may(role: Role, permission: Permission): boolean {
  return granted[role].includes(permission);
}

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}
