import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Answer, Listening, Reach, Spot } from './reach-lines.ts';

/** Datagrams get lost: this many, this far apart. */
const sends = 3;
const apartMs = 150;
/** More than one run sends to a helper: what comes beyond is not kept. */
const mostHeard = 65_536;

/** Hears what other helpers send; a workload's own port is never taken from it. */
export function udpEars() {
  const open: Socket[] = [];
  const heard = new Set<string>();
  let begins = '';
  return {
    /** Only what begins with `prefix` counts as heard. */
    async listen(ports: readonly number[], prefix: string): Promise<Listening> {
      begins = prefix;
      const bound = await Promise.all(ports.map(async (port) => [String(port), (await bind(port)) ?? (await bind(0))] as const));
      return Object.fromEntries(bound);
    },
    async send(targets: readonly (Spot & { readonly token: string })[], say: (answer: Answer) => void): Promise<void> {
      await Promise.all(targets.map(async (target) => say({ key: target.key, ...(await sendTo(target)), tries: sends })));
    },
    /** Ends the listening: the ports are the workload's. */
    heard(): string[] {
      close();
      return [...heard];
    },
    close,
  };

  function close(): void {
    for (const socket of open.splice(0)) socket.close();
  }

  function hear(message: Buffer): void {
    const text = message.subarray(0, 64).toString('latin1');
    if (heard.size < mostHeard && begins !== '' && text.startsWith(begins)) heard.add(text);
  }

  /** Both families, where there are both. */
  async function bind(port: number): Promise<number | null> {
    return (await bindTo('udp6', port)) ?? (await bindTo('udp4', port));
  }

  function bindTo(type: 'udp4' | 'udp6', port: number): Promise<number | null> {
    return new Promise((resolve) => {
      const socket = createSocket({ type, reuseAddr: false });
      socket.once('error', () => {
        socket.close();
        resolve(null);
      });
      socket.on('message', hear);
      socket.bind(port, () => {
        open.push(socket);
        resolve(socket.address().port);
      });
    });
  }
}

function sendTo({ address, port, token }: Spot & { readonly token: string }): Promise<{ reach: Reach; errno: string | null }> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let ended = false;
    const finish = (reach: Reach, errno: string | null) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve({ reach, errno });
    };
    const fail = (error: unknown) => {
      const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
      finish(reachOf(errno), errno);
    };
    let sent = 0;
    const next = () => {
      if (ended) return;
      if (sent++ === sends) return finish('sent', null);
      socket.send(token, (error) => (error ? fail(error) : undefined));
      timer = setTimeout(next, apartMs);
    };
    socket.on('error', fail);
    // without an address of that family there is nothing to connect from, which is said in one way or the other
    try {
      socket.connect(port, address, (error?: unknown) => (error ? fail(error) : next()));
    } catch (error) {
      fail(error);
    }
  });
}

function reachOf(errno: string): Reach {
  if (errno === 'ECONNREFUSED') return 'refused';
  return ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL'].includes(errno) ? 'unreachable' : 'error';
}
