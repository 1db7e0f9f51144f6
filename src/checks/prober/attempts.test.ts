import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { singleLookup } from '../lookup.ts';
import { openSession } from './attempts.ts';

/** One message of PostgreSQL's: a letter, its length, what is in it. */
function message(letter: string, content: Buffer | string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(content) + 4);
  return Buffer.concat([Buffer.from(letter), length, Buffer.from(content)]);
}

test('the end of a session that comes in one packet with an answer is told after it', async () => {
  const ready = message('Z', 'I');
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', Buffer.alloc(4)), ready]));
      socket.once('data', () => {
        const ended = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminated\0\0');
        socket.end(Buffer.concat([message('C', 'SELECT 1\0'), ready, ended]));
      });
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const door = { protocol: 'postgresql', host: '127.0.0.1', port, database: 'shop', user: 'app' } as const;
  const session = openSession({ door, secret: 'any', timeoutMs: 2_000 }, { lookup: singleLookup() });
  expect([(await session.ask()).answer, session.over()]).toEqual(['accepted', false]);
  expect([await session.ask(), session.over()]).toEqual([{ answer: 'closed', code: '57P01' }, true]);
  session.leave();
  server.close();
});
