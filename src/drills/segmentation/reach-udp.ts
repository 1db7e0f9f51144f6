import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Answer, Listening, Reach, Spot } from './reach-lines.ts';

/** Datagrams get lost: this many, this far apart. */
const sends = 3;
const apartMs = 150;

/** Hears what other helpers send; a workload's own port is never taken from it. */
export function udpEars() {
  const open: Socket[] = [];
  const heard = new Set<string>();
  return {
    async listen(ports: readonly number[]): Promise<Listening> {
      const bound = await Promise.all(ports.map(async (port) => [String(port), (await bind(port)) ?? (await bind(0))] as const));
      return Object.fromEntries(bound);
    },
    async send(targets: readonly (Spot & { readonly token: string })[], say: (answer: Answer) => void): Promise<void> {
      await Promise.all(targets.map(async (target) => say({ key: target.key, ...(await sendTo(target)), tries: sends })));
    },
    heard: () => [...heard],
    close(): void {
      for (const socket of open.splice(0)) socket.close();
    },
  };

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
      socket.on('message', (message) => heard.add(message.toString('latin1').slice(0, 64)));
      socket.bind(port, () => {
        open.push(socket);
        resolve(socket.address().port);
      });
    });
  }
}

async function sendTo({ address, port, token }: Spot & { readonly token: string }): Promise<{ reach: Reach; errno: string | null }> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    return await new Promise((resolve) => {
      const fail = (error: NodeJS.ErrnoException) => {
        const errno = error.code ?? 'unknown';
        resolve({
          reach: errno === 'ECONNREFUSED' ? 'refused' : ['ENETUNREACH', 'EHOSTUNREACH'].includes(errno) ? 'unreachable' : 'error',
          errno,
        });
      };
      socket.on('error', fail);
      socket.connect(port, address, () => {
        let sent = 0;
        const next = () => {
          if (sent++ === sends) return resolve({ reach: 'sent', errno: null });
          socket.send(token, (error) => (error ? fail(error) : undefined));
          setTimeout(next, apartMs);
        };
        next();
      });
    });
  } finally {
    socket.close();
  }
}
