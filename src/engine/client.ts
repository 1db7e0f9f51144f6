import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../domain/clock.ts';
import type { CallOptions } from '../domain/engine/call.ts';
import { EngineError } from '../domain/errors.ts';
import { readBody } from './body.ts';
import { type Answer, acts, type Call, queryOf, timeoutOf } from './call.ts';
import { checkIdentity, type EngineConfig, type EngineDeps } from './config.ts';
import { withDeadline } from './deadline.ts';
import { type Attempt, answerError, lateError, lostError, slowError } from './failures.ts';
import { parseAddress } from './host/address.ts';
import { type Dialer, openDialer } from './host/dial.ts';
import { type Names, nameBook } from './names.ts';
import { identityOf, type Session, sessionOf } from './session.ts';

/** ms that a late call's engine gets to show that it lives; on a busy machine one that lives may need some of them. */
const sign = 5_000;

/** One engine's connection: opened at the first call, the version negotiated once and again after every loss. */
export class EngineClient {
  readonly config: EngineConfig;
  readonly clock: Clock;
  readonly names: Names = nameBook();
  readonly #deps: EngineDeps;
  #dialer: Promise<Dialer> | null = null;
  #session: Promise<Session> | null = null;
  #losses = 0;
  #closed = false;

  constructor(config: EngineConfig, deps: EngineDeps) {
    this.config = Object.freeze({ ...config });
    this.clock = deps.clock;
    this.#deps = deps;
  }

  /** Grows with every loss, so that what was remembered of the engine before one is not believed after it. */
  get losses(): number {
    return this.#losses;
  }

  log(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#deps.log?.(message, { engine: this.config.name, ...fields });
  }

  /** Calls and reads the whole answer. */
  async call(call: Call, options: CallOptions = {}): Promise<Answer> {
    return this.limited(call, options, async (signal) => {
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
      throw new EngineError('engine_failed', `engine ${this.config.name}: cannot ${call.action}: the answer is not JSON`, { cause });
    }
  }

  /** Calls and leaves the body to the caller, who ends it by `destroy`. The limit holds for the head alone. */
  async open(call: Call, options: CallOptions = {}): Promise<IncomingMessage> {
    return this.limited(call, options, (signal) => this.#head(call, signal));
  }

  /** A raw two-way stream, which the caller ends by `destroy`. */
  async upgrade(call: Call, options: CallOptions = {}): Promise<Duplex> {
    return this.limited(call, options, async (signal) => {
      const answer = await this.#send(call, signal, true);
      if ('stream' in answer) return answer.stream;
      throw await this.#refusal(call, answer.response);
    });
  }

  /** What the engine says of itself at the first call; asked again after a loss. */
  version(options: CallOptions = {}): Promise<Session> {
    return this.limited(versionCall, options, () => this.#connected());
  }

  async ping(options: CallOptions = {}): Promise<void> {
    await this.#plain(pingCall, '', options);
  }

  /** Runs `work` within the call's limit and the caller's signal. */
  limited<T>(call: Call, options: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = async (ms: number) => {
      if (call.patient === true && (await this.#lives())) return slowError(this.attempt(call), ms);
      this.#forget();
      return lateError(this.attempt(call), ms);
    };
    return withDeadline(
      { clock: this.clock, timeoutMs: timeoutOf(call, options), signal: options.signal, late, extend: call.extend },
      work,
    );
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

  attempt(call: Pick<Call, 'action' | 'object' | 'secrets'>): Attempt {
    return { engine: this.config.name, host: this.config.host, action: call.action, object: call.object, secrets: call.secrets };
  }

  async #head(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const response = responseOf(await this.#send(call, signal));
    if (isFine(call, response)) return response;
    const error = await this.#refusal(call, response);
    if (error.code !== 'engine_version' || call.upload !== undefined) throw error;
    // Upgraded behind a proxy that kept our sockets. It refused before doing anything, so asking again is safe.
    this.#forget();
    const again = responseOf(await this.#send(call, signal));
    if (isFine(call, again)) return again;
    throw await this.#refusal(call, again);
  }

  async #refusal(call: Call, response: IncomingMessage): Promise<EngineError> {
    const body = await this.#read(call, response);
    return answerError(this.attempt(call), response.statusCode ?? 0, body.toString());
  }

  async #read(call: Call, response: IncomingMessage): Promise<Buffer> {
    try {
      return await readBody(response);
    } catch (cause) {
      throw this.lost(call, cause);
    }
  }

  async #send(call: Call, signal: AbortSignal, upgrade = false): ReturnType<Dialer['dial']> {
    const session = await this.#connected();
    if (acts(call)) await this.#identified(session);
    signal.throwIfAborted();
    return this.#dial(call, signal, `/v${session.spoken}`, upgrade);
  }

  async #dial(call: Call, signal: AbortSignal, prefix: string, upgrade = false): ReturnType<Dialer['dial']> {
    const request = {
      method: call.method,
      path: `${prefix}${call.path}`,
      query: queryOf(call),
      body: call.body,
      upload: call.upload,
      upgrade,
    };
    try {
      const dialer = await this.#dialerOnce();
      return await dialer.dial(request, signal).catch((cause: unknown) => {
        // A kept-alive socket may have been closed by the engine just before we wrote to it. What only asks may ask again.
        if (acts(call) || signal.aborted || this.#closed || !isReset(cause)) throw cause;
        return dialer.dial(request, signal);
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw this.lost(call, cause);
    }
  }

  async #dialerOnce(): Promise<Dialer> {
    if (this.#closed) throw new Error('this connection was closed');
    this.#dialer ??= this.#opened();
    return this.#dialer;
  }

  async #opened(): Promise<Dialer> {
    try {
      // After the last socket closed, whoever listens there next may be another engine, or this one upgraded.
      return await openDialer(parseAddress(this.config.name, this.config.host, this.config), this.#deps.env ?? {}, () => this.#forget());
    } catch (error) {
      this.#dialer = null;
      throw error;
    }
  }

  #connected(): Promise<Session> {
    this.#session ??= this.#negotiated();
    return this.#session;
  }

  /** Shared by the calls that wait for it, so it has a limit of its own and none of their signals. */
  async #negotiated(): Promise<Session> {
    try {
      return sessionOf(this.config.name, await this.#plain(versionCall));
    } catch (error) {
      this.#session = null;
      throw error;
    }
  }

  async #identified(session: Session): Promise<void> {
    if (this.config.id === undefined) return;
    session.identity ??= this.#plain(infoCall, `/v${session.spoken}`).then((body) => checkIdentity(this.config, identityOf(body)));
    try {
      await session.identity;
    } catch (error) {
      delete session.identity;
      throw error;
    }
  }

  /** Before, or without, a negotiated version. */
  async #plain(call: Call, prefix = '', options: CallOptions = {}): Promise<Buffer> {
    return this.limited(call, options, async (signal) => {
      const response = responseOf(await this.#dial(call, signal, prefix));
      if (!isFine(call, response)) throw await this.#refusal(call, response);
      return this.#read(call, response);
    });
  }

  #lives(): Promise<boolean> {
    return this.ping({ timeoutMs: sign }).then(
      () => true,
      () => false,
    );
  }

  #forget(): void {
    this.#session = null;
    this.#losses += 1;
  }
}

const versionCall: Call = { method: 'GET', path: '/version', action: 'ask for its version' };
const pingCall: Call = { method: 'GET', path: '/_ping', action: 'reach it' };
const infoCall: Call = { method: 'GET', path: '/info', action: 'ask who it is' };

function responseOf(answer: Awaited<ReturnType<Dialer['dial']>>): IncomingMessage {
  if ('response' in answer) return answer.response;
  answer.stream.destroy();
  throw new Error('an answer cannot be an upgrade that was not asked for');
}

function isFine(call: Call, response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status < 300 || call.accept?.includes(status) === true;
}

function isReset(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
}
