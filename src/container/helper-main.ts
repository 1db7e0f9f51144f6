/**
 * The first process of every helper container: `node helper-main.js MS module PATH ARGUMENT…` or `… MS command PROGRAM ARGUMENT…`.
 * Its timer ends the helper even if Pitwall never comes back. Leans on Node alone, as all helpers do but the probers.
 */
import { spawn } from 'node:child_process';

/** What a module of the image exports to be run by this. Resolves with the exit code, soon after the signal. */
export interface HelperModule {
  run(args: readonly string[], signal: AbortSignal): Promise<number>;
}

/** As `timeout` of coreutils answers. */
const expiredCode = 124;
/** What does not end of itself after its time is ended this much later. */
const graceMs = 2_000;
/** The longest that Node's timer counts. */
const longestMs = 2 ** 31 - 1;

const [forMs = '', mode = '', subject = '', ...args] = process.argv.slice(2);
const stop = new AbortController();
let code: number | null = null;

const end = (status: number) => {
  code ??= status;
  stop.abort();
  setTimeout(() => process.exit(code ?? status), graceMs);
};
// As process 1 it has no default handlers: without these it could only be killed.
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
] as const) {
  process.on(signal, () => end(128 + number));
}
setTimeout(() => end(expiredCode), Math.min(Number(forMs), longestMs));

const status = mode === 'module' ? await runModule(subject) : await runCommand(subject);
process.exit(code ?? status);

async function runModule(path: string): Promise<number> {
  const module = (await import(new URL(`../${path}`, import.meta.url).href)) as HelperModule;
  return module.run(args, stop.signal);
}

function runCommand(program: string): Promise<number> {
  return new Promise((resolve) => {
    // A group of its own, so that what it starts ends with it.
    const child = spawn(program, args, { stdio: 'inherit', detached: true });
    const signal = (name: NodeJS.Signals) => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, name);
      } catch {
        // It has ended.
      }
    };
    stop.signal.addEventListener('abort', () => {
      signal('SIGTERM');
      setTimeout(() => signal('SIGKILL'), graceMs / 2);
    });
    child.on('error', (error) => {
      process.stderr.write(`cannot run ${program}: ${error.message}\n`);
      resolve(127);
    });
    child.on('exit', (exitCode) => resolve(exitCode ?? 128));
  });
}
