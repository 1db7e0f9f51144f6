import { EngineError } from '../../domain/errors.ts';

/** PEM files that prove the engine and ourselves; without `ca` the authorities that Node trusts. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsFiles | null }
  | { readonly kind: 'ssh'; readonly host: string; readonly port: number | null; readonly user: string | null };

export interface AddressOptions {
  readonly tls?: TlsFiles | undefined;
  /** Plain TCP to another machine hands root on it to whoever listens on the way. (Default: refused.) */
  readonly insecure?: boolean | undefined;
}

/** Reads `unix:///path`, `tcp://host[:port]`, `https://host[:port]` or `ssh://[user@]host[:port]`. */
export function parseAddress(engine: string, host: string, options: AddressOptions = {}): Address {
  const url = parseUrl(engine, host);
  if (url.password !== '' || url.search !== '' || url.hash !== '') {
    throw refused(engine, host, 'it may hold no password, query or fragment', 'give keys and certificates as files');
  }
  if (!schemes.includes(url.protocol)) throw refused(engine, host, `${url.protocol}// is not known`);
  if (url.protocol === 'unix:') return unixAddress(engine, host);
  if (url.hostname === '') throw refused(engine, host, 'it names no host');
  return url.protocol === 'ssh:' ? sshAddress(engine, host, url) : tcpAddress(engine, host, url, options);
}

const schemes: readonly string[] = ['unix:', 'tcp:', 'http:', 'https:', 'ssh:'];
/** True for a unix socket of this host: such an engine has the environment `local` when it is not listed. */
export function isLocalSocket(host: string): boolean {
  return host.startsWith('unix:///');
}

function parseUrl(engine: string, host: string): URL {
  try {
    // DOCKER_HOST may be a bare `host:port`, which Docker reads as TCP.
    return new URL(host.includes('://') ? host : `tcp://${host}`);
  } catch (cause) {
    throw refused(engine, host, 'it is not an address', undefined, cause);
  }
}

function unixAddress(engine: string, host: string): Address {
  const path = host.slice('unix://'.length);
  if (!path.startsWith('/'))
    throw refused(engine, host, 'a socket needs an absolute path', 'write unix:///var/run/docker.sock, with three slashes');
  return { kind: 'unix', path };
}

function sshAddress(engine: string, host: string, url: URL): Address {
  if (url.pathname !== '' && url.pathname !== '/') throw refused(engine, host, 'a path after an SSH host is not understood');
  return {
    kind: 'ssh',
    host: bare(url.hostname),
    port: url.port === '' ? null : Number(url.port),
    user: decodeURIComponent(url.username) || null,
  };
}

function tcpAddress(engine: string, host: string, url: URL, options: AddressOptions): Address {
  const hostname = bare(url.hostname);
  const tls = options.tls ?? (url.protocol === 'https:' ? {} : null);
  if (tls === null && !isLoopback(hostname) && options.insecure !== true) {
    throw refused(
      engine,
      host,
      'TCP without TLS to another machine would hand root on it to anyone on the way',
      'give tls: { ca, cert, key }, use ssh://, or say insecure: true for this engine in pitwall.yaml',
    );
  }
  return { kind: 'tcp', host: hostname, port: url.port === '' ? (tls === null ? 2375 : 2376) : Number(url.port), tls };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '::1' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Without the brackets of an IPv6 address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function refused(
  engine: string,
  host: string,
  why: string,
  hint = 'use unix:///path, tcp://host:2376 with TLS, or ssh://user@host',
  cause?: unknown,
): EngineError {
  // A password in the address must not come back in the message.
  const shown = host.replace(/\/\/[^@/]*@/, '//…@');
  return new EngineError('engine_refused', `engine ${engine}: cannot use the address "${shown}": ${why}`, {
    hint,
    cause,
    context: { engine, host: shown },
  });
}
