/**
 * In a helper container that has a consumer's mount, or its processes, before it: reads and writes secret files, and says nothing of what
 * they hold but to `read`. Values come by standard input. Leans on Node and on our own files alone.
 */
import { createInterface } from 'node:readline';
import { backup, compare, forget, look, read, restore, write } from './agent-files.ts';
import type { Answers, Asked, Said } from './agent-lines.ts';
import { Fault } from './agent-path.ts';
import { mounted, post } from './agent-tell.ts';

export async function run(_args: readonly string[], signal: AbortSignal): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, signal })) {
    const asked = JSON.parse(line) as Asked;
    await carryOut(asked).then(
      (answer) => say({ id: asked.id, answer }),
      (error: unknown) => say({ id: asked.id, failed: codeOf(error) }),
    );
  }
  return 0;
}

function carryOut(asked: Asked): Promise<Answers[keyof Answers]> {
  switch (asked.do) {
    case 'look':
      return look(asked);
    case 'read':
      return read(asked);
    case 'backup':
      return backup(asked);
    case 'write':
      return write(asked);
    case 'restore':
      return restore(asked);
    case 'forget':
      return forget(asked);
    case 'compare':
      return compare(asked);
    case 'mounted':
      return mounted(asked);
    case 'post':
      return post(asked);
  }
}

/** Texts of errors may name more than is anybody's business. */
function codeOf(error: unknown): string {
  if (error instanceof Fault) return error.code;
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
