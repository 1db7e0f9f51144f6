import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { InvalidError } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';
import type { TokenRow } from '../store/tokens.ts';
import { isRole, type Role, roles } from './roles.ts';
import { parseScope, type Scope } from './scope.ts';

export interface Caller {
  /** The token's name. */
  readonly name: string;
  readonly role: Role;
  /** What it may act on; empty: on everything that its role may. */
  readonly scope: Scope;
}

export interface TokenTerms {
  /** UTC ms; default null: never. */
  readonly expiresAt?: number | null;
  /** Rules `SORT:GLOB`; default none: on everything. */
  readonly scope?: readonly string[];
}

export type TokenInfo = Omit<TokenRow, 'sha256'>;

type TokenStore = Pick<Store, 'tokens'>;

/** Found in logs and commits by secret scanners, and by our own redaction. */
const prefix = 'pw_';

/**
 * Makes a token of 256 random bits and gives its text, once: only its SHA-256 is kept, which is enough, as there is nothing to guess.
 * Throws InvalidError `token_name`, `token_role`, `token_scope`, `token_exists`.
 */
export function createToken(
  store: TokenStore,
  name: string,
  role: string,
  { expiresAt = null, scope = [] }: TokenTerms = {},
  random: (bytes: number) => Buffer = randomBytes,
): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name)) {
    throw new InvalidError('token_name', `"${name}" is not a name for a token`, {
      hint: 'use letters, digits and . _ @ -, at most 64 of them',
    });
  }
  if (!isRole(role)) throw new InvalidError('token_role', `"${role}" is not a role`, { hint: `use one of ${roles.join(', ')}` });
  const token = `${prefix}${random(32).toString('base64url')}`;
  if (!store.tokens.add({ name, role, sha256: hash(token), expiresAt, scope: parseScope(scope) })) {
    throw new InvalidError('token_exists', `there is a token named ${name}, in use or expired`, {
      hint: `choose another name, or revoke it: pitwall token revoke ${name}`,
    });
  }
  return token;
}

/** Revoked and expired ones included, newest first. */
export function listTokens(store: TokenStore): TokenInfo[] {
  return store.tokens.list().map((row) => {
    const { sha256: _, ...info } = row;
    return info;
  });
}

/** Throws InvalidError `token_unknown`. Holds for every process from its next request on. */
export function revokeToken(store: TokenStore, name: string): void {
  if (store.tokens.revoke(name)) return;
  throw new InvalidError('token_unknown', `there is no token named ${name} in use`, { hint: 'see pitwall token list' });
}

/**
 * Whose token it is, or null for one that is nobody's or was revoked. `expired`: that can only be said to who had it. The search is by the
 * hash, which tells a guesser nothing about the token, and the comparison takes the same time wherever the difference is.
 */
export function verifyToken(store: TokenStore, token: string): Caller | 'expired' | null {
  const sha256 = hash(token);
  const row = store.tokens.find(sha256);
  if (row === null || !timingSafeEqual(Buffer.from(row.sha256), Buffer.from(sha256))) return null;
  if (row.expired) return 'expired';
  store.tokens.touch(sha256);
  return asCaller(row);
}

/** For what was begun with a token and goes on by another secret; `row` is of a token that has not expired. */
export function asCaller({ name, role, scope }: Pick<TokenRow, 'name' | 'role' | 'scope'>): Caller {
  return { name, role, scope };
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
