/** What a system under rotation is to the drill: PostgreSQL, Redis, a Swarm secret, a file, TLS, a signing key, or steps of one's own. */
import type { Door, Mode, Prober } from '../../checks/prober/contract.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import type { ChangeData } from '../../domain/journal.ts';
import type { Secret } from '../../domain/secret.ts';

/** `user` null where there is none: an opaque token, a certificate. */
export interface Credential {
  readonly user: string | null;
  readonly secret: Secret;
}

/** A server, or one replica of it, at which a credential is checked. */
export interface Point {
  /** For people: `db:5432 (shop-db-1)`. */
  readonly name: string;
  /** Name of the container that checks it; null when it is none of the targets. */
  readonly target: string | null;
  /** How a credential of this user is tried there. */
  door(user: string | null): Door;
  /** What attackers do there. `token`: as `login`, with what was derived from the credential (`Rotation.derived`). */
  readonly modes: readonly (Mode | 'token')[];
}

export interface Derived {
  readonly point: Point;
  readonly secret: Secret;
  /** UTC ms at which it ends by itself. */
  readonly until: number;
}

/** A session of the old credential that the server itself still lists. */
export interface OldSession {
  readonly point: string;
  /** Where it comes from: an IP address; null when the server does not say. */
  readonly client: string | null;
}

/**
 * One rotation under way. Every method may be called again after a failure, and is then no different. Each throws `EngineError`, or `FailedError`
 * (`code` `admin_refused`, `server_down`, `step_failed`, …) whose message names the server and the SQLSTATE or reply code, never a value.
 */
export interface Rotation {
  readonly points: readonly Point[];
  /**
   * The old credential, accepted at every point when this resolves. Practising with a canary makes it here; with the real one what is there is backed up here, in the
   * system itself. Ours are named `pitwall_<6 hex of the run>…`.
   */
  prepare(): Promise<Credential>;
  /** What is searched for where it may still lie, when that is another thing than what is tried: the private key behind a certificate or a token. (Default: what is tried.) */
  leaked?(): Secret | null;
  /** Minted from the old credential before the leak, where the system has such: tokens that must die as well. */
  derived?(): Promise<readonly Derived[]>;
  /** The new credential, at least 256 random bits, accepted at every point when this resolves. In plan `leak` it comes after `refuse`; in plan `planned` before it, and the old one goes on working. */
  issue(): Promise<Credential>;
  /** Where the system itself brings the new one to where it is used; the drill's consumers are given it after that. */
  deploy?(credential: Credential): Promise<void>;
  /** Throws `FailedError` when the system's own proof that the new one is in use fails. */
  verify?(): Promise<void>;
  /** From its return on no point lets the old one log in. */
  refuse(): Promise<void>;
  /** Ends what was opened with the old one. Where the admin is not allowed to, says so. */
  endSessions(): Promise<{ readonly notAllowed: string | null }>;
  /** What the servers themselves list as open with the old credential; null where a system has no such list. Probers' own included. */
  sessionsLeft(): Promise<readonly OldSession[] | null>;
  /** At the end of a run that went well: the canary, the backups, the old version are gone; read back. Returns what could not be removed, a sentence each. */
  clear(): Promise<readonly string[]>;
  /** The world as before `prepare`, whatever had been done; read back. Returns what could not be put back, a sentence each, saying what to do. */
  rollback(): Promise<readonly string[]>;
  /**
   * After a `rollback` that left nothing, when the consumers have the old one again: takes the new one away, which had gone on working until then, and what had
   * been kept; read back. Sentences as from `rollback`. (Default: `rollback` has done that.)
   */
  withdraw?(): Promise<readonly string[]>;
}

/** What a rotation works with. In a recovery after a crash it is made anew. */
export interface SystemScope {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly runId: string;
  /** The database's id. */
  readonly instance: string;
  readonly plan: 'planned' | 'leak';
  readonly credential: 'canary' | 'real';
  /** Running containers of a service, the targets' (opted in) only. Inspected anew at every call. */
  service(name: string): Promise<readonly ContainerInspect[]>;
  /** The other targets: attackers ask from their networks, so addresses are chosen that these can reach. */
  others(): Promise<readonly ContainerInspect[]>;
  /** The value that the first consumer's delivery file has now; null when no consumer has such a file. */
  held(): Promise<Secret | null>;
  /** A prober in the network of this container; kept open and shared until the run ends. */
  prober(container: { readonly Id: string; readonly Name: string; readonly State?: { readonly StartedAt: string } }): Promise<Prober>;
  helperImage(): Promise<{ readonly reference: string }>;
  /** The value that a reference of the drill file names; throws `InvalidError` naming the variable or file that is missing. */
  secret(ref: { readonly env: string } | { readonly file: string }, what: string): Secret;
  event(type: string, message: string): void;
  /** These were told and did not take it, and why, as far as it is known: an event, and part of what is found there. */
  notTaken(points: readonly Pick<Point, 'name'>[], why: string): void;
}

/** One file a system, in `systems/`. `P` is its part of the drill's params. */
export interface System<P> {
  readonly name: string;
  /** What `pitwall plan` shows, in order. */
  actions(params: P, plan: 'planned' | 'leak', credential: 'canary' | 'real'): readonly string[];
  /** The system itself brings the new one to those who use it. (Default: the drill's consumers do, so with `credential: real` there must be one.) */
  handsOver?(params: P): boolean;
  /** Services whose containers it restarts or replaces: helpers in their networks would go with them. (Default: none.) */
  stops?(params: P): readonly string[];
  /** After a crash nobody knows the values that it would have to try: its undo is done, and not proven. While the run lives it is undone by the rotation itself. (Default: false.) */
  readonly undoUnproven?: boolean;
  /** Services that it needs among the targets. */
  services(params: P): readonly string[];
  /** The services from whose networks the attackers try, as the containers of others are replaced; left out where any target's will do. */
  from?(params: P): readonly string[];
  /**
   * Checks that it can be done, and changes nothing: the servers answer, the admin may do it, the role is there and no other rotation of it is under way. Throws `RefusedError` saying which of it.
   * `data`: all that `reopen` needs; plain, never a secret.
   */
  open(params: P, scope: SystemScope): Promise<{ readonly rotation: Rotation; readonly data: ChangeData }>;
  /** After a crash, from the journal: whatever `open` had returned with it, of which any part may or may not have been done. Only `rollback` and `clear` are called. */
  reopen(params: P, data: ChangeData, scope: SystemScope): Promise<Rotation>;
}
