import type { Duplex } from 'node:stream';
import type { Engine, ExecOptions, ExecResult } from '../domain/engine.ts';
import { EngineError } from '../domain/errors.ts';
import { actTimeout, type Call, type EngineClient } from './client.ts';
import { valuesOf } from './containers.ts';
import { withDeadline } from './deadline.ts';
import { lateError } from './failures.ts';
import { frames } from './frames.ts';
import { segment } from './path.ts';

/** After the command has ended its stream should end; a child that holds it open must not hold us. */
const straggle = 2_000;

interface ExecState {
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

/**
 * Runs a command in a container. When the time is up the stream is destroyed and the call fails; the command itself goes on, since the
 * engine has no way to end it.
 */
export function execution(client: EngineClient): Pick<Engine, 'exec'> {
  return {
    exec(id, argv, options = {}) {
      const attempt = client.attempt({ action: `run ${argv[0] ?? 'nothing'} in container ${id}`, object: id });
      const limits = {
        clock: client.clock,
        timeoutMs: options.timeoutMs ?? actTimeout,
        signal: options.signal,
        late: (ms: number) => lateError(attempt, ms),
      };
      return withDeadline(limits, (signal) => run(client, id, argv, { ...options, signal }));
    },
  };
}

async function run(
  client: EngineClient,
  id: string,
  argv: readonly string[],
  options: ExecOptions & { readonly signal: AbortSignal },
): Promise<ExecResult> {
  const { signal } = options;
  const action = `run ${argv[0] ?? 'nothing'} in container ${id}`;
  const common = { action, object: id, secrets: [...argv.slice(1), ...valuesOf(options.env)] };
  const body = {
    AttachStdin: options.stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Cmd: argv,
    ...(options.user === undefined ? {} : { User: options.user }),
    ...(options.env === undefined ? {} : { Env: options.env }),
    ...(options.workingDir === undefined ? {} : { WorkingDir: options.workingDir }),
  };
  const { Id } = await client.json<{ Id: string }>(
    { method: 'POST', path: `/containers/${segment(id)}/exec`, body, ...common },
    { signal },
  );
  const stream = await client.upgrade(
    { method: 'POST', path: `/exec/${segment(Id)}/start`, body: { Detach: false, Tty: false }, ...common },
    { signal },
  );
  const ended = new AbortController();
  const destroy = () => stream.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    stream.on('error', () => {});
    if (options.stdin !== undefined) stream.end(options.stdin);
    const output = collect(stream, options.maxBytes ?? 1024 * 1024);
    const { clock } = client;
    const ask = () => state(client, Id, common, signal);
    // Whichever comes first: the end of the stream, or its command having ended for a while without one.
    const outcome = await Promise.race([
      output.done.catch((cause) => Promise.reject(client.lost(common, cause))),
      abandoned(clock, ask, ended.signal),
    ]);
    return { exitCode: outcome ?? (await exitCode(clock, ask)), ...output.result() };
  } finally {
    ended.abort();
    signal.removeEventListener('abort', destroy);
    stream.destroy();
  }
}

/** Resolves, with the exit code, once the command has ended and its stream has not for some time. */
async function abandoned(clock: EngineClient['clock'], ask: () => Promise<ExecState | null>, ended: AbortSignal): Promise<number | null> {
  for (;;) {
    await clock.sleep(straggle, ended).catch(never);
    const found = await ask();
    if (found?.Running === true) continue;
    await clock.sleep(straggle, ended).catch(never);
    return found?.ExitCode ?? null;
  }
}

/** The stream may end a moment before the engine has noted the exit code. */
async function exitCode(clock: EngineClient['clock'], ask: () => Promise<ExecState | null>): Promise<number | null> {
  for (let wait = 5; wait < straggle; wait *= 2) {
    const found = await ask();
    if (found === null) return null;
    if (!found.Running) return found.ExitCode;
    await clock.sleep(wait);
  }
  return null;
}

/** Null when the engine does not know it any more: the container has ended or is gone. */
async function state(
  client: EngineClient,
  id: string,
  common: Pick<Call, 'action' | 'object'>,
  signal: AbortSignal,
): Promise<ExecState | null> {
  try {
    return await client.json<ExecState>({ method: 'GET', path: `/exec/${segment(id)}/json`, ...common }, { signal });
  } catch (error) {
    if (error instanceof EngineError && (error.code === 'not_found' || error.code === 'conflict')) return null;
    throw error;
  }
}

function collect(stream: Duplex, maxBytes: number) {
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const bytes = { stdout: 0, stderr: 0 };
  const read = async () => {
    for await (const frame of frames(stream)) {
      const room = maxBytes - bytes[frame.stream];
      if (room > 0) kept[frame.stream].push(frame.data.subarray(0, room));
      bytes[frame.stream] += frame.data.length;
    }
    return null;
  };
  return {
    done: read(),
    result: () => ({
      stdout: Buffer.concat(kept.stdout).toString(),
      stderr: Buffer.concat(kept.stderr).toString(),
      truncated: Math.max(bytes.stdout, bytes.stderr) > maxBytes,
    }),
  };
}

/** A race that is over: nobody waits for this side any more. */
function never(): Promise<never> {
  return new Promise(() => {});
}
