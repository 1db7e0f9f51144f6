import { spawn } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Clock } from '../../../../domain/clock.ts';
import { formatDuration } from '../../../../domain/duration.ts';
import { failed, type Outcome, ofExit, outputBytes } from './outcome.ts';

/** ms after the end of its process group that a script's output may still be held open, by who left the group. */
const straggleMs = 1_000;

/**
 * Leads the program's process group, in which one more waits who ends all of it when the fourth descriptor ends without a word: on time-out, on abort, and
 * when Pitwall itself is killed, so that no step goes on behind an undo. It says when the program has ended, and stays until it is told that all is over.
 * Node's pipes are sockets, which nobody can open as /dev/stdin: hence `cat`.
 */
const leader = `
(read -r _ <&3 || kill -KILL 0) </dev/null >/dev/null 2>&1 &
guard=$!
cat 3<&- | (exec "$@" 3<&-)
code=$?
echo ended >&3
exec >&-
wait $guard
exit $code`;

/**
 * Runs a program where Pitwall runs, with `input` on its standard input, no more of the environment than PATH and HOME, and `/` as its folder.
 * It has ended when its output has, too. Rejects with the signal's reason only, once its process group is gone.
 */
export async function runScript(
  argv: readonly string[],
  input: string,
  { clock, timeoutMs, signal }: { readonly clock: Clock; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Outcome> {
  signal.throwIfAborted();
  // Where the user's own interpreters are found; nothing else of the environment is the program's business.
  const { PATH = '/usr/local/bin:/usr/bin:/bin', HOME = '/' } = process.env;
  const child = spawn('/bin/sh', ['-c', leader, 'pitwall-step', ...argv], {
    cwd: '/',
    env: { PATH, HOME },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
  });
  const [stdin, stdout, , guard] = child.stdio as unknown as readonly [Writable, Readable, null, Duplex];
  const output = collect(stdout);
  // A program that does not read its input, or ends first, is not wrong for it.
  for (const stream of [stdin, guard]) stream.on('error', () => undefined);
  stdin.end(input);
  const ended = new Promise<void>((resolve) => guard.once('data', () => resolve()));
  Promise.all([ended, output.closed]).then(
    () => guard.end('over\n'),
    () => undefined,
  );

  const exit = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('exit', (code, name) => resolve(name ?? code));
  });
  const alarm = new AbortController();
  const cut = () => guard.destroy();
  signal.addEventListener('abort', cut, { once: true });
  let late = false;
  clock.sleep(timeoutMs, alarm.signal).then(
    () => {
      late = true;
      cut();
    },
    () => undefined,
  );
  try {
    const code = await exit;
    await Promise.race([output.closed, clock.sleep(straggleMs, alarm.signal).catch(() => undefined)]);
    signal.throwIfAborted();
    if (late) return failed(`did not end within ${formatDuration(timeoutMs)}`);
    if (code === null) return failed('could not be started');
    return typeof code === 'number' ? ofExit(code, output.text(), output.truncated()) : failed(`was ended by ${code}`);
  } finally {
    alarm.abort();
    signal.removeEventListener('abort', cut);
    guard.destroy();
    stdout.destroy();
  }
}

function collect(stream: Readable) {
  const kept: Buffer[] = [];
  let bytes = 0;
  stream.on('error', () => undefined);
  stream.on('data', (data: Buffer) => {
    const room = outputBytes - bytes;
    if (room > 0) kept.push(data.subarray(0, room));
    bytes += data.length;
  });
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  return { closed, text: () => Buffer.concat(kept).toString(), truncated: () => bytes > outputBytes };
}
