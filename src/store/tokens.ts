import type { Clock } from '../domain/clock.ts';
import type { Db } from './db.ts';

export type TokenRole = 'viewer' | 'operator' | 'responder' | 'admin';

/** What is kept of a token: never the token itself. */
export interface TokenRow {
  readonly name: string;
  readonly role: TokenRole;
  readonly sha256: string;
  /** UTC ms. */
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

export interface Tokens {
  /** False when a token of that name is in use; a revoked one frees its name. */
  add(token: Pick<TokenRow, 'name' | 'role' | 'sha256'>): boolean;
  /** Revoked ones included, newest first. */
  list(): TokenRow[];
  /** False when none of that name is in use. */
  revoke(name: string): boolean;
  /** In use, by its hash. */
  find(sha256: string): TokenRow | null;
  touch(sha256: string): void;
}

const columns = 'name, role, sha256, created_at AS createdAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt';

/** One write a minute tells well enough when a token was last used. */
const touchEveryMs = 60_000;

export function createTokens(db: Db, clock: Clock): Tokens {
  return {
    add: ({ name, role, sha256 }) =>
      db.run(
        'INSERT INTO tokens (name, role, sha256, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
        name,
        role,
        sha256,
        clock.now(),
      ).changes === 1,
    list: () => db.all<TokenRow>(`SELECT ${columns} FROM tokens ORDER BY id DESC`),
    revoke: (name) => db.run('UPDATE tokens SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL', clock.now(), name).changes === 1,
    find: (sha256) => db.get<TokenRow>(`SELECT ${columns} FROM tokens WHERE sha256 = ? AND revoked_at IS NULL`, sha256) ?? null,
    touch(sha256) {
      const now = clock.now();
      db.run(
        'UPDATE tokens SET last_used_at = ? WHERE sha256 = ? AND (last_used_at IS NULL OR last_used_at < ?)',
        now,
        sha256,
        now - touchEveryMs,
      );
    },
  };
}
