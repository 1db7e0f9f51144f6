import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { never } from '../../test/checks/scope.ts';
import { singleLookup } from './lookup.ts';
import { tcpConnect } from './tcp-connect.ts';

/** Accepts and hangs up a moment later without a word, in a process of its own, as Docker's proxy does. */
const hangsUp = `
  const server = require('node:net').createServer((socket) => setTimeout(() => socket.end(), 10));
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

test('a hang-up that came while this process stood still is read before the port is called good', async () => {
  const proxy = spawn(process.execPath, ['-e', hangsUp], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void proxy.kill('SIGKILL'));
  const [port] = (await once(proxy.stdout, 'data')) as [Buffer];
  const standStill = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  const answered = () => void setImmediate(standStill);
  const address = `127.0.0.1:${String(port).trim()}`;
  expect(await tcpConnect(address, { lookup: singleLookup(), signal: never, answered })).toBe('connection closed at once');
});
