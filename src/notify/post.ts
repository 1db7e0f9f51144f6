/** One POST to one hook. Nothing here tells the address's path: it may be the secret. */
import { lookup as resolveName } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Allowance, isInternal, whyNot } from './addresses.ts';
import { retryAfter } from './backoff.ts';

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly allow: Allowance;
  /** UTC ms. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Default 10 s, from the name's lookup to the end of the answer. */
  readonly timeoutMs?: number | undefined;
}

export interface Answer {
  readonly ok: boolean;
  /** Whether trying again may help. */
  readonly retry: boolean;
  readonly retryAfterMs: number | null;
  readonly status: number | null;
  /** What came of it, in a few words that are safe to keep: no address beyond the host, nothing of the answer's body. */
  readonly note: string;
  /** The beginning of the answer, for who asked on a terminal; never kept. */
  readonly said: string;
}

/** Of an answer no more is read. */
const mostBytes = 4_096;

/** Never rejects: whatever goes wrong is the answer. */
export async function post(options: Post): Promise<Answer> {
  const { timeoutMs = 10_000 } = options;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([late, options.signal]);
  try {
    const url = readUrl(options.url);
    const address = await checkedAddress(url, options.allow, signal);
    return await send(url, address, options, signal);
  } catch (error) {
    if (error instanceof Refusal) return none(error.message, error.retry);
    if (options.signal.aborted) return none('it was not waited for: Pitwall was stopping', true);
    if (late.aborted) return none(`no answer within ${timeoutMs / 1_000} s`, true);
    return none(networkNote(error), true);
  }
}

/** For messages: its host, and nothing that follows. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that cannot be read';
}

class Refusal extends Error {
  readonly retry: boolean;
  constructor(message: string, retry = false) {
    super(message);
    this.retry = retry;
  }
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw new Refusal('its url is not one');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Refusal(`its url begins with ${url.protocol}, not with https:`);
  if (url.username !== '' || url.password !== '') throw new Refusal('its url must not carry a user name or a password');
  return url;
}

/** Every address that the name leads to is looked at, and only one that was looked at is connected to: the name is not asked twice. */
async function checkedAddress(url: URL, allow: Allowance, signal: AbortSignal): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) === 0 ? await addressesOf(host, signal) : [host];
  for (const address of addresses) {
    const kind = whyNot(address, allow);
    if (kind !== null)
      throw new Refusal(`${url.host} leads to ${address}, which is ${kind}: allow it with allowPrivate, or name another address`);
    if (url.protocol === 'http:' && !isInternal(address)) throw new Refusal(`plain http to ${url.host}, which is not internal: use https`);
  }
  const [first] = addresses;
  if (first === undefined) throw new Refusal(`${url.host} has no address`, true);
  return first;
}

async function addressesOf(host: string, signal: AbortSignal): Promise<string[]> {
  const asked = resolveName(host, { all: true });
  // a resolver that hangs cannot be called off, only left alone
  asked.catch(() => undefined);
  const ended = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return (await Promise.race([asked, ended])).map(({ address }) => address);
}

function send(url: URL, address: string, { body, headers, now }: Post, signal: AbortSignal): Promise<Answer> {
  const family = isIP(address);
  const lookup: LookupFunction = (_host, options, callback) =>
    options.all === true ? callback(null, [{ address, family }]) : callback(null, address, family);
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    let answered = false;
    const asking: ClientRequest = request(
      url,
      {
        method: 'POST',
        // a connection of its own: none that was made for another address is used again
        agent: false,
        lookup,
        signal,
        headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
      },
      (response) => {
        answered = true;
        beginning(response).then((said) => resolve(judge(response, said, now)), reject);
      },
    );
    asking.on('error', (error) => {
      if (!answered) reject(error);
    });
    asking.end(body);
  });
}

async function beginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= mostBytes) break;
    }
  } catch {
    // its status has said what there is to know
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}

function judge(response: IncomingMessage, said: string, now: number): Answer {
  const status = response.statusCode ?? 0;
  const base = { status, said, retryAfterMs: retryAfter(response.headers['retry-after'], now) };
  if (status >= 200 && status < 300) return { ...base, ok: true, retry: false, note: `answered ${status}` };
  if (status >= 300 && status < 400)
    return { ...base, ok: false, retry: false, note: `answered ${status}: it was moved, and redirects are not followed` };
  const retry = status >= 500 || status === 408 || status === 429;
  return { ...base, ok: false, retry, note: `answered ${status}` };
}

function none(note: string, retry: boolean): Answer {
  return { ok: false, retry, retryAfterMs: null, status: null, note, said: '' };
}

/** By its code: a message of Node's may have the whole address in it. */
function networkNote(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
  return `could not be reached (${code})`;
}
