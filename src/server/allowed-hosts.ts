/**
 * Which names this server answers to. A web page on a foreign site can make a browser send requests here under its own name
 * (DNS rebinding: `Host: evil.example`) or from its own origin (`Origin: http://evil.example`); both are refused. An address is
 * never a rebound name, so the address that the connection came in at is always a name of ours.
 */
export interface HostRules {
  /** What the socket says about itself. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** `config.host` and the names that the owner listed, each `name` or `name:port`. */
  readonly names: readonly string[];
}

/** `header` is the one `Host` header, exactly as it came. */
export function isOwnHost(header: string | undefined, rules: HostRules): boolean {
  const host = header === undefined ? null : splitHost(header);
  return host !== null && isOwn(host, null, rules);
}

/** Absent is fine (no browser, or a request of its own site); `null`, another scheme or a foreign name is not. */
export function isOwnOrigin(header: string | undefined, rules: HostRules): boolean {
  if (header === undefined) return true;
  const match = /^(https?):\/\/([^/?#@]+)$/i.exec(header);
  const host = match?.[2] === undefined ? null : splitHost(match[2]);
  return host !== null && isOwn(host, match?.[1]?.toLowerCase() === 'https' ? 443 : 80, rules);
}

interface NamedPort {
  readonly name: string;
  readonly port: number | null;
}

function isOwn(host: NamedPort, schemePort: number | null, rules: HostRules): boolean {
  const local = rules.localAddress === undefined ? [] : [plainAddress(rules.localAddress)];
  const port = host.port ?? schemePort ?? 80;
  if (port === rules.localPort && [...loopbackNames, ...local].includes(host.name)) return true;
  return rules.names.some((listed) => {
    const own = splitHost(listed);
    if (own === null || own.name !== host.name) return false;
    // A name listed without a port is also right without one: then a proxy in front has the port.
    return own.port === null ? host.port === null || host.port === rules.localPort : own.port === port;
  });
}

const loopbackNames = ['localhost', '127.0.0.1', '::1'];

function splitHost(text: string): NamedPort | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([0-9]{1,5}))?$/i.exec(text);
  const name = match?.[1] ?? match?.[2];
  if (name === undefined) return null;
  return { name: name.toLowerCase(), port: match?.[3] === undefined ? null : Number(match[3]) };
}

/** An IPv4 peer of a socket that listens on both families is written `::ffff:192.0.2.1`. */
export function plainAddress(address: string): string {
  return address
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '')
    .toLowerCase();
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = plainAddress(address);
  return plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain);
}
