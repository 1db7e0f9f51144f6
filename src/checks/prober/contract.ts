/**
 * Probers: helpers that try a credential again and again from inside somebody's network, with the real client libraries, and read what the
 * system itself answers. A network failure is never a refusal.
 */
import type { Secret } from '../../domain/secret.ts';

/**
 * What one attempt came to. `accepted`: the system let us in, or did what was asked. `refused`: the system itself said no, for the credential's sake
 * (SQLSTATE 28P01, 28000; WRONGPASS, NOAUTH, NOPERM; a TLS alert; 401, 403). `closed`: a session that had been open was ended by the other side (57P01, or a
 * connection that was closed or reset). `unknown`: all else (no answer, no connection, a server that starts, too many clients, 429, 5xx): it says nothing.
 */
export type Answer = 'accepted' | 'refused' | 'closed' | 'unknown';

/** Where a credential is tried, and how. Its secret is never part of it. Addresses are IP addresses or names that the prober's network knows. */
export type Door =
  | { readonly protocol: 'postgresql'; readonly host: string; readonly port: number; readonly database: string; readonly user: string }
  /** `user` null: the default user's password alone. */
  | { readonly protocol: 'redis'; readonly host: string; readonly port: number; readonly user: string | null }
  /**
   * `header`: `authorization: Bearer {secret}`; the secret takes the place of `{secret}`. Accepted: 2xx. Refused: 401 and 403. Redirects are not followed.
   * `nth`: where the URL's name has several addresses, the one tried is that of this index in their order, counted round; looked up at every attempt, so
   * `nth` from 0 on, as many as there are replicas, try each of them, also after others have taken their place. Left out: the one that the system's lookup prefers.
   */
  | { readonly protocol: 'http'; readonly url: string; readonly header: string; readonly nth?: number }
  /**
   * A handshake with a client certificate; the secret is the PEM of certificate and key together. `ca`: PEM of who signed the server's certificate, which is
   * checked when given. The server's refusal in TLS 1.3 comes after the handshake: it is waited for, by reading.
   */
  | { readonly protocol: 'tls'; readonly host: string; readonly port: number; readonly servername: string; readonly ca: string | null }
  /** The certificate that the server presents; the secret is the SHA-256 fingerprint of one (hex, lower case). Accepted: that one is presented. Refused: another is. */
  | { readonly protocol: 'tls-server'; readonly host: string; readonly port: number; readonly servername: string };

/** `login`: each attempt is a new connection that logs in, asks something harmless and leaves. `session`: one connection, opened once, that goes on asking; it is never opened again. */
export type Mode = 'login' | 'session';

export interface SeriesSpec {
  readonly door: Door;
  readonly secret: Secret;
  readonly mode: Mode;
  /** ms between the starts of two attempts; an attempt that takes longer lets the ones that fall due meanwhile be left out. */
  readonly everyMs: number;
  /** An attempt without an answer by then is `unknown`. */
  readonly timeoutMs: number;
}

/** One attempt. Instants are monotonic ms of the one who asked (`Clock.monotonic`), translated from the prober's own monotonic clock. */
export interface Sample {
  /** When it was due. */
  readonly dueAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly answer: Answer;
  /** What the system said: `28P01`, `WRONGPASS`, `401`, `ECONNREFUSED`, `timeout`, …; null when it was accepted. Never a text with values in it. */
  readonly code: string | null;
}

export interface Series {
  readonly spec: SeriesSpec;
  /** All so far, in the order of their ends. */
  samples(): readonly Sample[];
  /** Resolves when it has made no further attempt. A session is closed. */
  stop(): Promise<void>;
}

/** SQL with parameters `$1`… for PostgreSQL; for Redis the command and its arguments in `values`, `text` its name. */
export interface Command {
  readonly text: string;
  readonly values?: readonly string[];
}

export type CommandAnswer =
  | {
      readonly ok: true /** Rows of PostgreSQL as objects; for Redis its one reply as `[{ reply }]`. */;
      readonly rows: readonly Readonly<Record<string, unknown>>[];
    }
  /** `code` as in `Sample`; `answer` tells whether the system itself said no to the login. */
  | { readonly ok: false; readonly answer: Exclude<Answer, 'accepted'>; readonly code: string };

/** A helper in somebody's network, from which credentials are tried. Many series run in one. */
export interface Prober extends AsyncDisposable {
  /** Name of the container whose network it is in. */
  readonly where: string;
  /** The most by which its clock may be off from ours, ms: half of the shortest round trip seen. */
  readonly uncertaintyMs: number;
  /** Begins at once. */
  start(spec: SeriesSpec): Series;
  /** One attempt, outside any series. */
  once(spec: Omit<SeriesSpec, 'everyMs'>): Promise<Sample>;
  /** Logs in, carries the commands out one after the other in one connection, and leaves. Those of PostgreSQL and Redis only. Stops at the first that fails. */
  command(door: Door, secret: Secret, commands: readonly Command[], options?: { readonly timeoutMs?: number }): Promise<CommandAnswer[]>;
  /** False when the helper has ended or hangs: its series are then over, and what they would have seen is unknown. */
  alive(): boolean;
  close(): Promise<void>;
}
