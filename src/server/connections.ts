import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressGroup } from './failure-limit.ts';

/** What of all connections one address may have; the rest is for others, so that nobody can shut everybody else out by saying nothing. */
const share = 0.8;

/** Closes what an address opens beyond its share, at once. An IPv6 client owns a /64, so that is what is counted. */
export function limitConnections(server: Server, most: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const group = addressGroup(socket.remoteAddress ?? '');
    const count = (open.get(group) ?? 0) + 1;
    open.set(group, count);
    socket.once('close', () => {
      const left = (open.get(group) ?? 1) - 1;
      if (left > 0) open.set(group, left);
      else open.delete(group);
    });
    if (count > most * share) socket.destroy();
  });
}
