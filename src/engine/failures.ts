import { EngineError, type EngineErrorCode } from '../domain/errors.ts';
import { shortId } from './names.ts';

/** What was being tried, for the message: `engine local: cannot start container web: …`. */
export interface Attempt {
  readonly engine: string;
  readonly host: string;
  /** A verb with its object: `start container web`. */
  readonly action: string;
  readonly object?: string | undefined;
  /** Values that the engine may repeat in its answer and that must not be shown. */
  readonly secrets?: readonly string[] | undefined;
}

/** The error for an answer that says no. The one place where statuses and the engine's sentences become codes. */
export function answerError(attempt: Attempt, status: number, body: string): EngineError {
  const said = hide(sentence(body), attempt.secrets);
  const code = codeOf(status, said);
  return new EngineError(code, `engine ${attempt.engine}: cannot ${attempt.action}: ${said === '' ? `it answered ${status}` : said}`, {
    hint: answerHints[code],
    status,
    context: contextOf(attempt),
  });
}

/** The error for an answer that never came: the socket failed. */
export function lostError(attempt: Attempt, cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause;
  const { code, message } = describe(cause);
  return new EngineError(
    'engine_unreachable',
    `engine ${attempt.engine} (${attempt.host}): cannot ${attempt.action}: ${reason(code, message)}`,
    {
      hint: lostHint(code, attempt.host),
      cause,
      context: { ...contextOf(attempt), reason: code },
    },
  );
}

export function lateError(attempt: Attempt, timeoutMs: number): EngineError {
  return new EngineError(
    'engine_timeout',
    `engine ${attempt.engine} (${attempt.host}): cannot ${attempt.action}: no answer within ${Math.round(timeoutMs / 100) / 10} s`,
    {
      hint: 'see whether `docker version` answers; an engine that hangs needs a look at its own log',
      context: { ...contextOf(attempt), timeoutMs },
    },
  );
}

/** Late, though the engine answers: what it was asked for takes its time. Not `lost`. */
export function slowError(attempt: Attempt, timeoutMs: number): EngineError {
  return new EngineError(
    'engine_failed',
    `engine ${attempt.engine}: cannot ${attempt.action}: not done within ${Math.round(timeoutMs / 100) / 10} s, though the engine answers`,
    {
      context: { ...contextOf(attempt), timeoutMs, timedOut: true },
    },
  );
}

/** Tried in this order: the engine's sentence says more than its status, which differs between versions. */
const sentences: readonly (readonly [RegExp, EngineErrorCode])[] = [
  [/no space left on device|disk quota exceeded/i, 'no_space'],
  [/no such image|^(reference does not exist|failed to get digest sha256:.*)$/i, 'image_gone'],
  [
    /port is already allocated|failed to bind host port|ports are not available|bind: address already in use|listen (tcp|udp)\S* .*address already in use/i,
    'port_taken',
  ],
  [/address already in use|address .* is already in use/i, 'address_taken'],
  [/is already in use by container|(network|volume) with name .* already exists|\bsecret \S+ already exists/i, 'name_taken'],
  [/client version .* is too (new|old)/i, 'engine_version'],
  [/no such (container|exec instance)/i, 'not_found'],
  [/has active endpoints/i, 'conflict'],
  [/is not (a swarm manager|part of a swarm)/i, 'not_a_manager'],
  [/^(rpc error: .*)?(secret .* is in use by the following service|update out of sequence)/i, 'conflict'],
];

function codeOf(status: number, said: string): EngineErrorCode {
  const known = sentences.find(([pattern]) => pattern.test(said));
  if (known !== undefined) return known[1];
  if (status === 404) return 'not_found';
  if (status === 409) return 'conflict';
  return status >= 500 ? 'engine_failed' : 'engine_refused';
}

const answerHints: Readonly<Partial<Record<EngineErrorCode, string>>> = {
  no_space: 'free space where the engine keeps its data: `docker system df` says what takes it',
  image_gone: 'the image is no longer on the engine: pull, load or build it again',
  port_taken: 'see with `docker ps` or `ss -ltnp` what holds the port',
  not_a_manager: 'name an engine that is a manager of the Swarm: `docker node ls` answers there',
  engine_version: 'Pitwall talks to Docker Engine 20.10 and later',
};

function sentence(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed && typeof parsed.message === 'string')
      return tidy(parsed.message);
  } catch {
    // Proxies and the newest engines' front doors answer in plain text.
  }
  return tidy(body);
}

function tidy(text: string): string {
  return (
    text
      .trim()
      .replace(/\s+/g, ' ')
      // Not in a path, which is there to be followed: that of a dump log, say.
      .replace(/(?<![\w/])[0-9a-f]{64}\b/g, shortId)
      .slice(0, 1000)
  );
}

function hide(text: string, secrets: readonly string[] = []): string {
  return secrets.filter((secret) => secret.length > 3).reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
}

function describe(cause: unknown): { code: string; message: string } {
  if (!(cause instanceof Error)) return { code: '', message: String(cause) };
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  // A host with several addresses fails with an AggregateError, whose own message is empty.
  const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined;
  return { code, message: cause.message || (inner instanceof Error ? inner.message : code) };
}

function reason(code: string, message: string): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such socket';
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return 'the connection was lost before the answer was complete; what was asked may or may not have been done';
    default:
      return message;
  }
}

function lostHint(code: string, host: string): string {
  if (code === 'EACCES' || code === 'EPERM') {
    return 'add your user to the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or use a rootless engine';
  }
  if (/CERT|TLS|SSL|SIGNATURE/.test(code))
    return 'check tls: { ca, cert, key } of this engine: the certificate must name the host, and its authority be in ca';
  if (host.startsWith('ssh:')) return `see whether this works: ssh ${host} docker version`;
  return 'is the Docker Engine running there? `pitwall doctor` says what was found';
}

function contextOf(attempt: Attempt): Record<string, unknown> {
  return {
    engine: attempt.engine,
    host: attempt.host,
    action: attempt.action,
    ...(attempt.object === undefined ? {} : { object: attempt.object }),
  };
}
