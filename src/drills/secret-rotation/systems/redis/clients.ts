/** A connection as `CLIENT LIST` shows it. */
export interface Client {
  /** Grows with each connection that the server takes; starts again with the server. */
  readonly id: number;
  readonly user: string;
  /** IP address; null of a Unix socket. */
  readonly address: string | null;
  /** A Redis replica that copies from the server. */
  readonly replica: boolean;
}

export function parseClients(reply: unknown): readonly Client[] {
  return String(reply)
    .split('\n')
    .flatMap((line) => {
      const fields = new Map(line.split(' ').map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
      const id = Number(fields.get('id'));
      const user = fields.get('user');
      if (!Number.isInteger(id) || user === undefined) return [];
      return [{ id, user, address: addressIn(fields.get('addr') ?? ''), replica: (fields.get('flags') ?? '').includes('S') }];
    });
}

/** Of `10.0.0.2:5123`, `[::1]:5123`, `/run/redis.sock:0`. */
function addressIn(addr: string): string | null {
  const host = addr.slice(0, addr.lastIndexOf(':'));
  return host === '' || host.startsWith('/') ? null : host.replace(/^\[|\]$/g, '');
}
