/** viewer reads; operator runs drills; responder freezes and reads evidence; admin does all of it. */
export const roles = ['viewer', 'operator', 'responder', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What a route or a command can ask for. */
export type Permission = 'read' | 'run' | 'halt' | 'report' | 'freeze' | 'read-evidence' | 'administer';

/**
 * Operator and responder are side by side, not one above the other: who may run drills in staging need not see a customer's memory.
 * Halting is for both, as whoever sees that something goes wrong must be able to stop it; `unhalt` is running drills again.
 * Making a report is for both too: it only reads, but what it writes is kept.
 */
const granted: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read'],
  operator: ['read', 'run', 'halt', 'report'],
  responder: ['read', 'halt', 'report', 'freeze', 'read-evidence'],
  admin: ['read', 'run', 'halt', 'report', 'freeze', 'read-evidence', 'administer'],
};

export function may(role: Role, permission: Permission): boolean {
  return granted[role].includes(permission);
}

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}
