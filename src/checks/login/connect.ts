import type { Door } from '../prober/contract.ts';
import type { Connection, Network } from './connection.ts';
import { httpDoor } from './http.ts';
import { postgresql } from './postgresql.ts';
import { redis } from './redis.ts';
import { tlsClient } from './tls.ts';
import { tlsServer } from './tls-server.ts';

/** Begins nothing yet, but that of HTTP, which connects at once. */
export function connectTo(door: Door, secret: string, network: Network): Connection {
  switch (door.protocol) {
    case 'postgresql':
      return postgresql(door, secret, network);
    case 'redis':
      return redis(door, secret, network);
    case 'http':
      return httpDoor(door, secret, network);
    case 'tls':
      return tlsClient(door, secret, network);
    case 'tls-server':
      return tlsServer(door, secret, network);
  }
}
