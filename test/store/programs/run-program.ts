import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Program {
  /** What it printed so far. */
  readonly lines: readonly string[];
  /** Resolves when it has printed so many lines. */
  printed(count: number): Promise<void>;
  kill(): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts a test program, a TypeScript file, as a process of its own; killed when the test ends. */
export function runProgram(url: URL, args: readonly string[]): Program {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(url), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => {
    lines.push(line);
    for (const waiter of waiting) if (lines.length >= waiter.count) waiter.resolve();
    waiting = waiting.filter((waiter) => lines.length < waiter.count);
  });
  const closed = new Promise<void>((resolve) => output.on('close', resolve));
  return {
    lines,
    printed: (count) => (lines.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))),
    kill: () => void child.kill('SIGKILL'),
    ended: new Promise((resolve) => child.on('exit', (code, signal) => void closed.then(() => resolve(code ?? signal ?? 'unknown')))),
  };
}
