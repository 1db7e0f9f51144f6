import { createSocket, type Socket } from 'node:dgram';
import { expect, test } from 'vitest';
import { udpEars } from './reach-udp.ts';

function bind(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', () => resolve(socket));
  });
}

test('hears this run alone, and lets the port go when it is asked what it heard', async () => {
  const free = await bind(0);
  const { port } = free.address();
  await new Promise<void>((resolve) => free.close(() => resolve()));
  const ears = udpEars();
  expect(await ears.listen([port], 'pitwall r1 ')).toEqual({ [port]: port });
  const token = (key: number, text: string) => ({ key, address: '127.0.0.1', port, token: text });
  await ears.send([token(0, 'a workload’s own'), token(1, 'pitwall r2 a 0'), token(2, 'pitwall r1 a 0')], () => undefined);
  expect(ears.heard()).toEqual(['pitwall r1 a 0']);
  const again = await bind(port);
  again.close();
});
