/** Sessions of the dashboard: each is made with a token, and is worth no more and lasts no longer than it. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import type { Store } from '../store/store.ts';
import { asCaller, type Caller } from './tokens.ts';

export interface Sessions {
  /** Null for a token that is not valid. */
  open(token: string): OpenedSession | null;
  /** Whose session it is, or null when it or its token has ended. */
  verify(secret: string): Caller | null;
  end(secret: string): void;
}

export interface OpenedSession {
  /** 256 random bits: what the browser keeps as a cookie. Only its SHA-256 is stored. */
  readonly secret: string;
  readonly caller: Caller;
  /** UTC ms. */
  readonly expiresAt: number;
}

/** A working day, and then some: who left a browser open yesterday logs in again. */
export const longestMs = 12 * 3_600_000;

export interface SessionDeps {
  readonly store: Pick<Store, 'sessions' | 'tokens'>;
  readonly verifyToken: (token: string) => Caller | 'expired' | null;
  readonly clock: Clock;
  readonly random?: (bytes: number) => Buffer;
}

export function openSessions({ store, verifyToken, clock, random = randomBytes }: SessionDeps): Sessions {
  return {
    open(token) {
      const caller = verifyToken(token);
      if (caller === null || caller === 'expired') return null;
      const secret = random(32).toString('base64url');
      const tokenSha256 = hash(token);
      const expiresAt = Math.min(clock.now() + longestMs, store.tokens.find(tokenSha256)?.expiresAt ?? Number.POSITIVE_INFINITY);
      if (!store.sessions.add({ sha256: hash(secret), tokenSha256, expiresAt })) return null;
      return { secret, caller, expiresAt };
    },
    verify(secret) {
      if (!/^[\w-]{43}$/.test(secret)) return null;
      const session = store.sessions.find(hash(secret));
      if (session === null) return null;
      // Asked again each time: a token that was revoked, or has expired, takes its sessions with it.
      const row = store.tokens.find(session.tokenSha256);
      return row === null || row.expired ? null : asCaller(row);
    },
    end: (secret) => store.sessions.end(hash(secret)),
  };
}

/** What a form must bring besides the cookie. Made from the session's secret, so that nothing of it need be kept. */
export function csrfOf(secret: string): string {
  return createHmac('sha256', secret).update('pitwall csrf 1').digest('base64url');
}

export function isCsrfOf(given: string | undefined, secret: string): boolean {
  const expected = Buffer.from(csrfOf(secret));
  const bytes = Buffer.from(given ?? '');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
