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
  /** From then on it is as good as revoked; null: never. */
  readonly expiresAt: number | null;
  readonly expired: boolean;
  /** What it may act on; empty: on everything. */
  readonly scope: readonly string[];
}

export interface Tokens {
  /** False when a token of that name is in use; a revoked one frees its name. */
  add(token: Pick<TokenRow, 'name' | 'role' | 'sha256' | 'expiresAt' | 'scope'>): boolean;
  /** Revoked and expired ones included, newest first. */
  list(): TokenRow[];
  /** False when none of that name is in use. */
  revoke(name: string): boolean;
  /** By its hash, unless it is revoked; it may have expired. */
  find(sha256: string): TokenRow | null;
  touch(sha256: string): void;
}

type Row = Omit<TokenRow, 'scope' | 'expired'> & { readonly scope: string };

const columns =
  'name, role, sha256, created_at AS createdAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt, expires_at AS expiresAt, scope';

/** One write a minute tells well enough when a token was last used. */
const touchEveryMs = 60_000;

export function createTokens(db: Db, clock: Clock): Tokens {
  return {
    add: ({ name, role, sha256, expiresAt, scope }) =>
      db.run(
        'INSERT INTO tokens (name, role, sha256, created_at, expires_at, scope) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
        name,
        role,
        sha256,
        clock.now(),
        expiresAt,
        JSON.stringify(scope),
      ).changes === 1,
    list: () => db.all<Row>(`SELECT ${columns} FROM tokens ORDER BY id DESC`).map((row) => asToken(row, clock.now())),
    revoke: (name) => db.run('UPDATE tokens SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL', clock.now(), name).changes === 1,
    find(sha256) {
      const row = db.get<Row>(`SELECT ${columns} FROM tokens WHERE sha256 = ? AND revoked_at IS NULL`, sha256);
      return row === undefined ? null : asToken(row, clock.now());
    },
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

function asToken(row: Row, now: number): TokenRow {
  return { ...row, scope: JSON.parse(row.scope) as string[], expired: row.expiresAt !== null && row.expiresAt <= now };
}
