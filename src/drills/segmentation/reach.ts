/**
 * In a helper container that shares a workload's network namespace: says what the namespace has, and connects to what it is told to, all
 * at once. Never writes a byte to a connection; UDP it only sends to another helper. Leans on Node and on our own files alone.
 */
import { createInterface } from 'node:readline';
import { connectAll, type Held, isAlive } from './reach-connect.ts';
import type { HeldConnection, Request, Said } from './reach-lines.ts';
import { readOwn, sockets } from './reach-own.ts';
import { udpEars } from './reach-udp.ts';

export async function run(_args: readonly string[], signal: AbortSignal): Promise<number> {
  const ears = udpEars();
  const held: Held[] = [];
  signal.addEventListener('abort', letGo);
  say({ own: await readOwn() });
  for await (const line of createInterface({ input: process.stdin, signal })) {
    const request = JSON.parse(line) as Request;
    // not awaited: datagrams need not wait for connections that nobody answers
    carryOut(request).then(
      (more) => say({ done: request.id, ...more }),
      () => process.exit(1),
    );
  }
  letGo();
  return 0;

  async function carryOut(request: Request): Promise<object> {
    switch (request.do) {
      case 'connect':
        held.push(...(await connectAll(request, (answer) => say({ answer, of: request.id }), signal)));
        return {};
      case 'listen':
        return { listening: await ears.listen(request.ports, request.prefix) };
      case 'send':
        await ears.send(request.targets, (answer) => say({ answer, of: request.id }));
        return {};
      case 'heard':
        return { heard: ears.heard() };
      case 'held':
        return { held: await stillAlive(held) };
    }
  }

  function letGo(): void {
    ears.close();
    for (const { socket } of held) socket.destroy();
  }
}

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

/** By the kernel's own probes of idle connections, which carry no data: one that goes unanswered is counted in the table. */
async function stillAlive(held: readonly Held[]): Promise<HeldConnection[]> {
  const rows = await sockets('tcp');
  return held.map((one) => ({ key: one.key, alive: !one.socket.destroyed && isAlive(one, rows) }));
}
