import type { Clock } from '../domain/clock.ts';
import type { Db } from './db.ts';

export interface Sessions {
  /** False when there is no token of that hash in use. `sha256` is of the session's secret, which is never kept. */
  add(session: { readonly sha256: string; readonly tokenSha256: string; readonly expiresAt: number }): boolean;
  /** One that goes on: its token's hash. Whether the token still counts is for the token to say. */
  find(sha256: string): { readonly tokenSha256: string; readonly expiresAt: number } | null;
  end(sha256: string): void;
}

export function createSessions(db: Db, clock: Clock): Sessions {
  return {
    add: ({ sha256, tokenSha256, expiresAt }) =>
      db.transaction(() => {
        // Those that ended by themselves are of no use to anyone.
        db.run('DELETE FROM sessions WHERE expires_at <= ? OR ended_at IS NOT NULL', clock.now());
        return (
          db.run(
            `INSERT INTO sessions (sha256, token, created_at, expires_at)
             SELECT ?, id, ?, ? FROM tokens WHERE sha256 = ? AND revoked_at IS NULL`,
            sha256,
            clock.now(),
            expiresAt,
            tokenSha256,
          ).changes === 1
        );
      }),
    find: (sha256) =>
      db.get<{ tokenSha256: string; expiresAt: number }>(
        `SELECT tokens.sha256 AS tokenSha256, sessions.expires_at AS expiresAt
         FROM sessions JOIN tokens ON tokens.id = sessions.token
         WHERE sessions.sha256 = ? AND sessions.ended_at IS NULL AND sessions.expires_at > ? AND tokens.revoked_at IS NULL`,
        sha256,
        clock.now(),
      ) ?? null,
    end: (sha256) => void db.run('UPDATE sessions SET ended_at = ? WHERE sha256 = ? AND ended_at IS NULL', clock.now(), sha256),
  };
}
