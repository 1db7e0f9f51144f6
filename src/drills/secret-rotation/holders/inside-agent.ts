/** In a helper container in somebody's PID namespace: answers one request by the files it names. */
import { createInterface } from 'node:readline';
import { type InsideRequest, readInside } from './read-inside.ts';

export async function run(_args: readonly string[], signal: AbortSignal): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, signal })) {
    const answer = JSON.stringify(readInside(JSON.parse(line) as InsideRequest));
    await new Promise((resolve) => process.stdout.write(`${answer}\n`, resolve));
    return 0;
  }
  return 1;
}
