import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { limitConnections } from './connections.ts';

test('one address that opens all that it can leaves a share to others', async () => {
  const server = createServer();
  limitConnections(server, 5);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const kept = [await open(), await open(), await open(), await open()];
  const fifth = await open();
  if (!fifth.closed) await once(fifth, 'close');
  expect(kept.map((socket) => socket.closed)).toEqual([false, false, false, false]);
  // an address is 127.0.0.1 or 127.0.0.2 to this limit
  const other = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  await once(other, 'connect');
  kept[0]?.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  expect(other.closed).toBe(false);
  for (const socket of [...kept, other]) socket.destroy();
  server.close();
});
