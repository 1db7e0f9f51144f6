import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FailedError, PitwallError } from '../../domain/errors.ts';
import { mayGo, type RegistryAccess } from './access.ts';
import { authorizer } from './authorize.ts';
import { answerError, isDropped, lostError, registryError } from './registry-failures.ts';
import { type Body, send } from './send.ts';

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  /** After `/v2/<repository>/`, or the whole address where the registry gave one. */
  readonly to: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Statuses from 300 on that are no error here. */
  readonly accept?: readonly number[];
  /** What it is for, for messages. */
  readonly action: string;
  /** How many times `idleMs` the answer may take: a registry hashes what it was given before it answers. (Default: 1.) */
  readonly patience?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<http.IncomingHttpHeaders>;
  readonly body: Buffer;
  /** Where the request went in the end: addresses in the answer are relative to it. */
  readonly url: URL;
}

/** One registry, one repository. */
export interface Session {
  readonly access: RegistryAccess;
  /** Asks and reads the whole answer, of 4 MiB at most. Once more when the connection was lost, unless the body is a stream. */
  call(request: RegistryRequest): Promise<Answer>;
  /** Asks, and gives the chunks of the answer to `take` as they come. Once more, with a new `take`, when the connection was lost. */
  stream<T>(
    request: RegistryRequest,
    take: (chunks: AsyncIterable<Buffer>, at: { readonly response: IncomingMessage; readonly url: URL }) => Promise<T>,
  ): Promise<T>;
  error(request: Pick<RegistryRequest, 'action'>, code: Parameters<typeof registryError>[0], why: string): FailedError;
  close(): void;
}

/** The most that a manifest may hold, as registries have it. */
const maxAnswer = 4 * 1024 * 1024;

/** ms until a registry is asked again for what it failed to read: it may be writing just that, for another. */
const pausesMs = [200, 1_000];

/** @throws FailedError with a `RegistryErrorCode`, and the signal's reason. */
export function openSession(access: RegistryAccess, signal: AbortSignal): Session {
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  const idleMs = access.idleMs ?? 60_000;
  const origin = new URL(access.url).origin;
  const base = `${access.url}/v2/${access.repository}/`;
  const attempt = ({ action }: Pick<RegistryRequest, 'action'>) => ({ registry: access.url, action });
  const transmit = (url: URL, request: Omit<RegistryRequest, 'to'>, authorization: string | null) =>
    send({
      method: request.method,
      url,
      headers: { ...request.headers, ...(authorization === null ? {} : { Authorization: authorization }) },
      body: request.body,
      idleMs: idleMs * (request.patience ?? 1),
      agent: url.protocol === 'https:' ? agents.https : agents.http,
      signal,
    });
  const authority = authorizer(access, async (url, authorization) => {
    const request = { method: 'GET', action: 'get a token' } as const;
    const response = await transmit(url, request, authorization);
    return { status: response.statusCode ?? 0, body: (await readAll(response)).toString() };
  });

  /** The head of a fine answer, with what was asked for authorized and redirects followed. */
  const head = async (request: RegistryRequest): Promise<{ response: IncomingMessage; url: URL }> => {
    let url = new URL(request.to, base);
    for (let hops = 0, asked = 0, failed = 0; hops < 6; ) {
      allowed(url, request);
      const own = url.origin === origin;
      const response = await transmit(url, request, own ? authority.header() : null);
      const status = response.statusCode ?? 0;
      if (status < 300 || request.accept?.includes(status) === true) return { response, url };
      const location = response.headers.location;
      const reads = request.method === 'GET' || request.method === 'HEAD';
      const pause = status >= 500 && reads ? pausesMs[failed++] : undefined;
      if (pause !== undefined) {
        drop(request, response);
        await sleep(pause, undefined, { signal });
      } else if (status === 401 && own && asked++ === 0) {
        drop(request, response);
        await authority.answer(response.headers['www-authenticate'] ?? '', attempt(request));
      } else if (status < 400 && location !== undefined && reads) {
        response.resume();
        hops += 1;
        url = new URL(location, url);
      } else {
        const said = await readSome(response);
        drop(request, response);
        throw answerError(attempt(request), status, said, authority.secrets());
      }
    }
    throw registryError('registry_refused', attempt(request), 'it sends from one address to the next');
  };

  /** Evidence goes where the configuration allows it, also when the registry names another address. */
  const allowed = (url: URL, request: RegistryRequest) => {
    if (mayGo(url, access)) return;
    const hint = 'a proxy that ends TLS must tell the registry its outer address (X-Forwarded-Proto, or http.host of its configuration)';
    throw registryError('registry_refused', attempt(request), `it names an address that is not https: ${url.origin}`, undefined, hint);
  };

  const stream = async <T>(
    request: RegistryRequest,
    take: (chunks: AsyncIterable<Buffer>, at: { response: IncomingMessage; url: URL }) => Promise<T>,
  ) => {
    for (let tries = 1; ; tries += 1) {
      try {
        const at = await head(request);
        try {
          return await take(at.response, at);
        } finally {
          at.response.destroy();
        }
      } catch (cause) {
        signal.throwIfAborted();
        if (!isForeign(cause)) throw cause;
        const again = tries === 1 && isDropped(cause) && (request.body === undefined || Buffer.isBuffer(request.body));
        if (!again) throw lostError(attempt(request), cause);
      }
    }
  };

  return {
    access,
    stream,
    call: (request) =>
      stream(request, async (chunks, { response, url }) => ({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: await readAll(chunks),
        url,
      })),
    error: (request, code, why) => registryError(code, attempt(request), why),
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** Lets go of an answer; with it of the connection, where not all that was promised was sent. */
function drop({ body }: RegistryRequest, response: IncomingMessage): void {
  if (body === undefined || Buffer.isBuffer(body)) response.resume();
  else response.destroy();
}

/** Of the network or of its other end; what the disk says of a file that is sent is not. */
function isForeign(cause: unknown): boolean {
  return !(cause instanceof PitwallError) && !(cause instanceof Error && 'path' in cause && 'syscall' in cause);
}

async function readAll(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxAnswer) throw new Error(`its answer is larger than ${maxAnswer / 1024 / 1024} MiB`);
    read.push(chunk);
  }
  return Buffer.concat(read);
}

/** The words of a refusal, as far as they come: the status has said the most of it. */
async function readSome(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (text.length > 64 * 1024) break;
    }
  } catch {
    // cut
  }
  return text;
}
