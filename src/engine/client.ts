import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../domain/clock.ts';
import type { CallOptions } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { type AddressOptions, parseAddress } from './address.ts';
import { readBody } from './body.ts';
import { withDeadline } from './deadline.ts';
import { type Dialer, openDialer } from './dial.ts';
import { type Attempt, answerError, lateError, lostError } from './failures.ts';
import { type EngineVersion, negotiate } from './version.ts';

/** ms */
export const askTimeout = 15_000;
/** ms */
export const actTimeout = 60_000;

export interface EngineConfig extends AddressOptions {
  readonly name: string;
  /** `unix:///path`, `tcp://host:2376`, `ssh://user@host` */
  readonly host: string;
  readonly environment: string | null;
  /** The daemon's ID (`docker info`); another daemon at this address is then refused for every call that acts. */
  readonly id?: string | undefined;
}

export interface EngineDeps {
  readonly clock: Clock;
  /** Told of lost connections and reconnects. */
  readonly log?: ((message: string, fields: Readonly<Record<string, unknown>>) => void) | undefined;
  /** What an `ssh` that is started may see: HOME, PATH, SSH_AUTH_SOCK. (Default: nothing.) */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Without version. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** A verb with its object, for messages: `start container web`. */
  readonly action: string;
  readonly object?: string;
  /** Changes something. (Default: every method but GET and HEAD.) */
  readonly acts?: boolean;
  /** Statuses from 300 on that are no error here. */
  readonly accept?: readonly number[];
  readonly secrets?: readonly string[];
  /** Asked when the time is up: how many more ms to allow. */
  readonly extend?: () => Promise<number>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

interface Session extends EngineVersion {
  readonly spoken: string;
  /** Of the pinned daemon, once it was compared. */
  identity?: Promise<void>;
}

/** One engine's connection: opened at the first call, the version negotiated once and again after every loss. */
export class EngineClient {
  readonly config: EngineConfig;
  readonly clock: Clock;
  readonly #deps: EngineDeps;
  #dialer: Promise<Dialer> | null = null;
  #session: Promise<Session> | null = null;
  /** Counts losses, so that what was remembered of the engine before one is not believed after it. */
  #losses = 0;
  #closed = false;

  constructor(config: EngineConfig, deps: EngineDeps) {
    this.config = Object.freeze({ ...config });
    this.clock = deps.clock;
    this.#deps = deps;
  }

  get losses(): number {
    return this.#losses;
  }

  log(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#deps.log?.(message, { engine: this.config.name, ...fields });
  }

  /** Calls and reads the whole answer. */
  async call(call: Call, options: CallOptions = {}): Promise<Answer> {
    return this.#limited(call, options, async (signal) => {
      const response = await this.#head(call, signal);
      const body = await this.#read(call, response);
      return { status: response.statusCode ?? 0, headers: response.headers, body };
    });
  }

  async json<T>(call: Call, options?: CallOptions): Promise<T> {
    const { body } = await this.call(call, options);
    try {
      return JSON.parse(body.toString()) as T;
    } catch (cause) {
      const attempt = this.attempt(call);
      throw new EngineError('engine_failed', `engine ${attempt.engine}: cannot ${attempt.action}: the answer is not JSON`, { cause });
    }
  }

  /** Calls and leaves the body to the caller, who ends it by `destroy`. The limit holds for the head alone. */
  async open(call: Call, options: CallOptions = {}): Promise<IncomingMessage> {
    return this.#limited(call, options, (signal) => this.#head(call, signal));
  }

  /** A raw two-way stream, which the caller ends by `destroy`. */
  async upgrade(call: Call, options: CallOptions = {}): Promise<Duplex> {
    return this.#limited(call, options, async (signal) => {
      const answer = await this.#send(call, signal, true);
      if ('stream' in answer) return answer.stream;
      const body = await this.#read(call, answer.response);
      throw answerError(this.attempt(call), answer.response.statusCode ?? 0, body.toString());
    });
  }

  /** What the engine says of itself at the first call; asked again after a loss. */
  version(options: CallOptions = {}): Promise<EngineVersion & { readonly spoken: string }> {
    const call = versionCall;
    return this.#limited(call, options, () => this.#connected());
  }

  async ping(options: CallOptions = {}): Promise<void> {
    await this.#plain(pingCall, '', options);
  }

  attempt(call: Pick<Call, 'action' | 'object' | 'secrets'>): Attempt {
    return { engine: this.config.name, host: this.config.host, action: call.action, object: call.object, secrets: call.secrets };
  }

  /** The error for a stream that failed; forgets what was known of the engine. */
  lost(call: Pick<Call, 'action' | 'object'>, cause: unknown): EngineError {
    const error = lostError(this.attempt(call), cause);
    if (error.lost) this.#forget();
    return error;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#session = null;
    const dialer = await this.#dialer?.catch(() => null);
    dialer?.close();
  }

  #limited<T>(call: Call, options: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = (ms: number) => {
      this.#forget();
      return lateError(this.attempt(call), ms);
    };
    const timeoutMs = options.timeoutMs ?? (acts(call) ? actTimeout : askTimeout);
    return withDeadline({ clock: this.clock, timeoutMs, signal: options.signal, late, extend: call.extend }, work);
  }

  async #head(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const answer = await this.#send(call, signal, false);
    if (!('response' in answer)) throw new Error('an answer cannot be an upgrade that was not asked for');
    const status = answer.response.statusCode ?? 0;
    if (status < 300 || call.accept?.includes(status) === true) return answer.response;
    const body = await this.#read(call, answer.response);
    throw answerError(this.attempt(call), status, body.toString());
  }

  async #read(call: Call, response: IncomingMessage): Promise<Buffer> {
    try {
      return await readBody(response);
    } catch (cause) {
      throw this.lost(call, cause);
    }
  }

  async #send(call: Call, signal: AbortSignal, upgrade: boolean) {
    const session = await this.#connected();
    if (acts(call)) await this.#identified(session);
    signal.throwIfAborted();
    return this.#dial(call, signal, `/v${session.spoken}`, upgrade);
  }

  async #dial(call: Call, signal: AbortSignal, prefix: string, upgrade = false) {
    const request = { method: call.method, path: `${prefix}${call.path}`, query: queryOf(call), body: call.body, upgrade };
    const dialer = await this.#dialerOnce();
    try {
      return await dialer.dial(request, signal);
    } catch (cause) {
      signal.throwIfAborted();
      // A kept-alive socket may have been closed by the engine just before we wrote to it. What only asks may ask again.
      if (!acts(call) && !this.#closed && isReset(cause))
        return dialer.dial(request, signal).catch((again) => Promise.reject(this.lost(call, again)));
      throw this.lost(call, cause);
    }
  }

  #dialerOnce(): Promise<Dialer> {
    if (this.#closed) throw lostError(this.attempt({ action: 'call it' }), new Error('this connection was closed'));
    if (this.#dialer === null) {
      // After the last socket closed, whoever listens there next may be another engine, or this one upgraded.
      const dialer = Promise.resolve().then(() =>
        openDialer(parseAddress(this.config.name, this.config.host, this.config), this.#deps.env ?? {}, () => this.#forget()),
      );
      this.#dialer = dialer;
      dialer.catch(() => {
        this.#dialer = null;
      });
    }
    return this.#dialer;
  }

  #connected(): Promise<Session> {
    if (this.#session === null) {
      const session = this.#negotiate();
      this.#session = session;
      session.catch(() => {
        if (this.#session === session) this.#session = null;
      });
    }
    return this.#session;
  }

  /** Shared by the calls that wait for it, so it has a limit of its own and none of their signals. */
  async #negotiate(): Promise<Session> {
    const body = await this.#plain(versionCall);
    let said: Readonly<Record<string, unknown>> = {};
    try {
      said = JSON.parse(body.toString());
    } catch {
      // Told below, as an engine that says no version.
    }
    const theirs = { version: text(said.Version), apiVersion: text(said.ApiVersion), minApiVersion: text(said.MinAPIVersion) };
    return { ...theirs, spoken: negotiate(this.config.name, theirs) };
  }

  #identified(session: Session): Promise<void> {
    const pinned = this.config.id;
    if (pinned === undefined) return Promise.resolve();
    session.identity ??= this.#plain(infoCall, `/v${session.spoken}`).then((body) => {
      checkIdentity(this.config, text(JSON.parse(body.toString()).ID));
    });
    session.identity.catch(() => {
      delete session.identity;
    });
    return session.identity;
  }

  /** Before, or without, a negotiated version. */
  async #plain(call: Call, prefix = '', options: CallOptions = {}): Promise<Buffer> {
    return this.#limited(call, options, async (signal) => {
      const answer = await this.#dial(call, signal, prefix);
      if (!('response' in answer)) throw new Error('an answer cannot be an upgrade that was not asked for');
      const body = await this.#read(call, answer.response);
      const status = answer.response.statusCode ?? 0;
      if (status >= 300) throw answerError(this.attempt(call), status, body.toString());
      return body;
    });
  }

  #forget(): void {
    this.#session = null;
    this.#losses += 1;
  }
}

/** Throws `engine_identity` when the engine is not the pinned one. */
export function checkIdentity(config: EngineConfig, id: string): void {
  if (config.id === undefined || config.id === id) return;
  throw new EngineError('engine_identity', `engine ${config.name} (${config.host}): its ID is ${id}, but pitwall.yaml pins ${config.id}`, {
    hint: 'if this is the right engine, put its ID (`docker info --format {{.ID}}`) in pitwall.yaml',
    context: { engine: config.name, id, pinned: config.id },
  });
}

const versionCall: Call = { method: 'GET', path: '/version', action: 'ask for its version' };
const pingCall: Call = { method: 'GET', path: '/_ping', action: 'reach it' };
const infoCall: Call = { method: 'GET', path: '/info', action: 'ask who it is' };

function acts(call: Call): boolean {
  return call.acts ?? (call.method !== 'GET' && call.method !== 'HEAD');
}

function queryOf(call: Call): Record<string, string> {
  const given = Object.entries(call.query ?? {}).filter((entry) => entry[1] !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

function isReset(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
