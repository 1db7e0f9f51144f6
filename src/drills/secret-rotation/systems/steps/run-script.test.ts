import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { systemClock as clock } from '../../../../clock.ts';
import type { Clock } from '../../../../domain/clock.ts';
import { runScript } from './run-script.ts';

const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const run = (argv: readonly string[], { timeoutMs = 60_000, signal = never, using = clock } = {}) =>
  runScript(argv, 'the-input', { clock: using, timeoutMs, signal });
const shell = (text: string, limits = {}) => run(['sh', '-c', text], limits);

/** Whether a process lives, zombies left out. */
function lives(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<void> {
  for (let i = 0; i < 600 && lives(pid); i++) await sleep(50);
  expect(lives(pid)).toBe(false);
}

/** What a script wrote there, as numbers. */
async function pids(file: string, count: number): Promise<number[]> {
  for (let i = 0; i < 1_200; i++) {
    try {
      const found = readFileSync(file, 'utf8').trim().split('\n').map(Number);
      if (found.length >= count) return found;
    } catch {
      // not yet
    }
    await sleep(50);
  }
  throw new Error('the script did not say its processes');
}

test('a program gets its input, a folder, two variables, and nothing else', async () => {
  expect(
    await shell('cat; echo; cat /dev/stdin; pwd; tr "\\0" "\\n" </proc/$$/environ | sed "s/=.*//"; [ -e /proc/$$/fd/3 ] || echo closed'),
  ).toMatchObject({
    ok: true,
    output: expect.stringMatching(/^the-input\n\/\n(HOME\nPATH\n|PATH\nHOME\n)(PWD\n)?closed\n$/),
  });
});

test('how it ended is told', async () => {
  expect(await shell('exit 3')).toEqual({ ok: false, code: 'step_failed', problem: 'ended with exit code 3' });
  expect(await run(['pitwall-has-no-such-program'])).toMatchObject({ problem: 'ended with exit code 127 (there is no such program)' });
  expect(await run(['/etc/passwd'])).toMatchObject({ problem: 'ended with exit code 126 (it cannot be executed)' });
  // no word of a shell's own
  expect(await run(['exit', '0'])).toMatchObject({ ok: false });
  expect(await shell('kill -KILL $$')).toMatchObject({ problem: 'ended with exit code 137' });
});

test('a program that reads nothing, and one that says too much, are waited for', async () => {
  expect(await run(['true'])).toMatchObject({ ok: true, output: '' });
  const loud = await shell('head -c 300000 /dev/zero | tr "\\0" x');
  expect(loud).toMatchObject({ ok: true, truncated: true });
  expect(loud.ok && loud.output.length).toBe(65_536);
});

/** Its time is up once the script has said so many processes, however slow the machine is. */
const lateAfter = (file: string, count: number): Clock => ({
  ...clock,
  sleep: (ms, signal) => (ms === 500 ? pids(file, count).then(() => undefined) : clock.sleep(ms, signal)),
});

test('what does not end in time is ended with all that it started', async () => {
  const file = join(folder, 'late');
  const late = await shell(`trap "" TERM; echo $$ >>${file}; sleep 900 & echo $! >>${file}; wait`, {
    timeoutMs: 500,
    using: lateAfter(file, 2),
  });
  expect(late).toEqual({ ok: false, code: 'step_failed', problem: 'did not end within 500 ms' });
  for (const pid of await pids(file, 2)) await ended(pid);
});

test('who left the group and holds the output is not waited for', async () => {
  const file = join(folder, 'left');
  const late = await shell(`setsid sh -c 'echo $$ >${file}; sleep 60' & exit 0`, { timeoutMs: 500, using: lateAfter(file, 1) });
  expect(late).toMatchObject({ ok: false, problem: 'did not end within 500 ms' });
  for (const pid of await pids(file, 1)) process.kill(-pid, 'SIGKILL');
});

test('an abort ends it, too, and is told as it came', async () => {
  const file = join(folder, 'aborted');
  const abort = new AbortController();
  const running = shell(`echo $$ >${file}; exec sleep 900`, { signal: abort.signal });
  const [pid = 0] = await pids(file, 1);
  abort.abort(new Error('halt'));
  await expect(running).rejects.toThrow('halt');
  await ended(pid);
  await expect(shell('exit 0', { signal: abort.signal })).rejects.toThrow('halt');
});

test('it does not outlive a Pitwall that is killed', async () => {
  const file = join(folder, 'orphan');
  const program = join(folder, 'program.mts');
  const here = new URL('.', import.meta.url).pathname;
  writeFileSync(
    program,
    `import { runScript } from '${here}run-script.ts';
import { systemClock as clock } from '${here}../../../../clock.ts';
await runScript(['sh', '-c', 'echo $$ >>${file}; sleep 900 & echo $! >>${file}; wait'], '', { clock, timeoutMs: 60_000, signal: new AbortController().signal });`,
  );
  const pitwall = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program], { stdio: 'ignore' });
  const started = await pids(file, 2);
  expect(started.every(lives)).toBe(true);
  pitwall.kill('SIGKILL');
  for (const pid of started) await ended(pid);
});

test('the input is seen by nobody who looks at the process', async () => {
  const file = join(folder, 'seen');
  const looked = join(folder, 'looked');
  const running = shell(`echo $$ >${file}; until [ -e ${looked} ]; do sleep 0.1; done`);
  const [pid = 0] = await pids(file, 1);
  const everything = execFileSync('sh', ['-c', `cat /proc/[0-9]*/cmdline /proc/${pid}/environ 2>/dev/null || true`]).toString('latin1');
  writeFileSync(looked, '');
  expect(everything).toContain(looked);
  expect(everything).not.toContain('the-input');
  expect(await running).toMatchObject({ ok: true });
});
