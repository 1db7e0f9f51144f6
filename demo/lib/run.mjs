import { spawn } from 'node:child_process';

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {string[]} [args]
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env] the whole environment (default: our own)
 * @param {string | Buffer | NodeJS.ReadableStream} [options.input] what it reads on standard input (default: nothing)
 * @param {boolean} [options.show] its output goes to ours instead of being kept
 * @param {AbortSignal} [options.signal] ends it with SIGTERM
 * @param {number} [options.timeout] milliseconds, then SIGKILL (default: none)
 * @param {boolean} [options.anyway] resolve whatever the exit code is
 * @returns {Promise<{ code: number | null, signal: string | null, out: string, err: string }>}
 * @throws {Error} with the command and the end of its error output, when the exit code is not 0
 */
export async function run(command, args = [], options = {}) {
  const { cwd, env, input, show, signal, timeout, anyway } = options;
  const child = spawn(command, args, {
    cwd,
    env: env ?? process.env,
    signal,
    timeout,
    killSignal: timeout === undefined ? 'SIGTERM' : 'SIGKILL',
    stdio: [input === undefined ? 'ignore' : 'pipe', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
  });
  feed(child.stdin, input);
  const [out, err, end] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
  const result = { code: end.code, signal: end.signal, out, err };
  if (end.error && !anyway) throw new Error(`${command}: ${end.error.message}`, { cause: end.error });
  if (result.code !== 0 && !anyway) throw new Error(failure(command, args, result));
  return result;
}

/** The full path of a program on PATH, or undefined. */
export async function which(name, env = process.env) {
  const { code, out } = await run('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { env, anyway: true });
  return code === 0 ? out.trim() : undefined;
}

function feed(stdin, input) {
  if (!stdin) return;
  // A program that ends without reading all of its input says so by its exit code.
  stdin.on('error', () => {});
  if (typeof input === 'string' || Buffer.isBuffer(input)) stdin.end(input);
  else input.pipe(stdin);
}

function ended(child) {
  return new Promise((resolve) => {
    let error;
    child.once('error', (problem) => {
      error = problem;
      // An abort is an error of a program that is still on its way out.
      if (child.pid === undefined) resolve({ code: null, signal: null, error });
    });
    child.once('close', (code, signal) => resolve({ code, signal, error }));
  });
}

async function text(stream) {
  if (!stream) return '';
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function failure(command, args, { code, signal, out, err }) {
  const tail = (err.trim() || out.trim()).split('\n').slice(-30).join('\n');
  return `${[command, ...args].join(' ').slice(0, 200)} ended with ${signal ?? `exit code ${code}`}${tail ? `:\n${tail}` : ''}`;
}
