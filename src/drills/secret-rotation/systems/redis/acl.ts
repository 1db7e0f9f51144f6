import { createHash } from 'node:crypto';
import type { Secret } from '../../../../domain/secret.ts';

/** An ACL user as `ACL LIST` shows it. */
export interface AclUser {
  readonly name: string;
  readonly on: boolean;
  /** Any password lets it in. */
  readonly nopass: boolean;
  /** SHA-256 of each password, hex, in the server's order. */
  readonly hashes: readonly string[];
  /** All else, as it stands: `sanitize-payload ~* &* +@all (~a* -@all +get)`. */
  readonly rules: readonly string[];
}

/** By name. Words that nobody knows are kept as rules: the server that wrote them reads them. */
export function parseUsers(reply: unknown): ReadonlyMap<string, AclUser> {
  const users = (Array.isArray(reply) ? reply : []).flatMap((line) => {
    const [user, name, ...words] = String(line).split(' ');
    return user === 'user' && name !== undefined ? [parseUser(name, words)] : [];
  });
  return new Map(users.map((user) => [user.name, user]));
}

function parseUser(name: string, words: readonly string[]): AclUser {
  return {
    name,
    on: words.includes('on'),
    nopass: words.includes('nopass'),
    hashes: words.filter((word) => word.startsWith('#')).map((word) => word.slice(1)),
    rules: words.filter((word) => !['on', 'off', 'nopass'].includes(word) && !word.startsWith('#')),
  };
}

/** Makes the user this and nothing else, in one step, whatever it was: its line in `ACL LIST` is then the one that was read. */
export function setUser({ name, on, nopass, hashes, rules }: AclUser): string[] {
  return ['ACL', 'SETUSER', name, 'reset', on ? 'on' : 'off', ...(nopass ? ['nopass'] : []), ...hashes.map((hash) => `#${hash}`), ...rules];
}

export function sameUser(one: AclUser | undefined, other: AclUser): boolean {
  return one !== undefined && setUser(one).join(' ') === setUser(other).join(' ');
}

/** What the server keeps of a password; given as `#hash` the password itself does not travel. */
export function hashOf(secret: Secret): string {
  return createHash('sha256').update(secret.reveal()).digest('hex');
}

/** Adding it first lets the removal succeed when it is not there, which the server calls an error. */
export function withoutHash(hash: string): string[] {
  return [`#${hash}`, `!${hash}`];
}
